/** Keeps the results of a pure function. */

/** Returns the function with at most `max` kept results; beyond that it drops them all. */
export function remembered(max: number, make: (key: number) => string): (key: number) => string {
  const known = new Map<number, string>();
  return (key) => {
    let result = known.get(key);
    if (result === undefined) {
      result = make(key);
      if (known.size >= max) known.clear();
      known.set(key, result);
    }
    return result;
  };
}
