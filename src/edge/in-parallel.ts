/** Does the same with many things, at most `max` at a time; the results are in the order of the things. */
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
