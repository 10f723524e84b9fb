/** Finds environment variables that look like misspelt variables of Stampede. */

/**
 * Names from this length on may differ by two edits; shorter ones by one, or HOME would match HOST.
 */
const LONG_NAME_CHARACTERS = 8;

/** The number of characters to add, remove or replace to turn one word into the other. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, character] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, compared] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (character === compared ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

const plainName = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');

/** One sentence for each unknown name close to a known one; names only, never values. */
export function misspelt(names: readonly string[], known: readonly string[]): string[] {
  const absent = known.filter((name) => !names.includes(name));
  return names.flatMap((name) => {
    if (known.includes(name)) return [];
    const meant = absent.find((one) => {
      const editsMax = one.length < LONG_NAME_CHARACTERS ? 1 : 2;
      const lengths = Math.abs(plainName(name).length - plainName(one).length);
      return lengths <= editsMax && editsBetween(plainName(name), plainName(one)) <= editsMax;
    });
    return meant === undefined ? [] : [`${name} is not a variable of Stampede. Did you mean ${meant}?`];
  });
}
