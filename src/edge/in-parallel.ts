/** Runs `work` on each thing, at most `max` at a time; returns the results in the same order. */
export async function inParallel<T, R>(
  things: readonly T[],
  max: number,
  work: (thing: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const open = things.entries();
  const worker = async (): Promise<void> => {
    for (const [index, thing] of open) results[index] = await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(max, things.length) }, worker));
  return results;
}
