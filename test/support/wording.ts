/** The words that plain English avoids, and the folders where the rule applies. */

/** Folders whose text is plain English. */
export const plainFolders = ['bench', 'build', 'drizzle', 'src', 'test'];

/** A pattern, and what to write instead. */
const avoided: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\b(?:nobody|somebody|everybody|anybody|whoever|whomever)\b/i, 'the actor: client, server, buyer'],
  [/\b(?:he|him|himself|his)\b/i, 'they, or the role'],
  [/\b(?:mend|mends|mended|mending)\b/i, 'fix'],
  [/\banew\b/i, 'again, reload, recreate'],
  [/\bbesides?\b/i, 'next to, in addition to, other than'],
  [/\b(?:hurry|hurries|hurried)\b/i, 'flush, dispatch'],
  [/\b(?:told|hears?|heard)\b/i, 'notify, report, receive'],
  [/\bturn(?:s|ed|ing)? away\b/i, 'refuse, reject'],
  [/\bgo(?:es|ing)? away\b/i, 'shut down'],
  [/\b(?:take|takes|took|taken|taking) in\b/i, 'apply, import'],
  [/\bask(?:s|ed|ing)? again\b/i, 'retry, query again'],
  [/\bgood for nothing\b|\bin vain\b|\bas it lies\b/i, 'what happens'],
  [/\bno room\b/i, 'disk full, out of space, no capacity'],
  [/\bparked\b/i, 'deferred'],
];

/** Uses that are meant, by file and line content. */
const exceptions: readonly { path: string; text: string; reason: string }[] = [
  {
    path: 'CHANGELOG.md',
    text: '(was `beside` and `lead`)',
    reason: 'an option of an earlier version',
  },
  {
    path: 'docs/durability.md',
    text: '--only "files that go away"',
    reason: 'the name of a class of faults',
  },
  {
    path: 'src/database/sqlite/warm-up.ts',
    text: 'nobody@example.com',
    reason: 'an address that no customer can have',
  },
  {
    path: 'src/edge/object/kept-report.ts',
    text: "const reportedKey = 'customers told'",
    reason: 'a name in stored objects',
  },
];

const COMMENT_COLUMNS_MAX = 100;
const isComment = (line: string): boolean => /^\s*(?:\/\/|\/\*|\*\s|\*$)/.test(line);
/** A linter's directive and an address cannot be wrapped. */
const isUnbreakable = (line: string): boolean => /biome-ignore|@ts-expect-error|https?:\/\/\S{60}/.test(line);
/** A docstring starts with a verb or a noun phrase. */
const opensBadly = /^\s*\/\*\* (?:Who|Whose|Whom|Of|To be) /;

const isException = (path: string, line: string): boolean =>
  exceptions.some((one) => one.path === path && line.includes(one.text));

/** Folders where only comments and titles count: test data may use any word. */
const dataFolders = /^(?:test|bench)\//;
/** A call that names a test, with its title in the same line, or a call whose title comes next. */
const titled = /^\s*(?:(?:describe|it|test)\w*(?:\.\w+)?|[\])}`]+)\s*\(.*['"`]/;
const titleFollows = /(?:^\s*(?:describe|it|test)\w*(?:\.\w+)?|[\])}`])\($/;
const isText = /^\s*['"`]/;
const isTitle = (line: string, previous: string): boolean =>
  titled.test(line) || (titleFollows.test(previous) && isText.test(line));
/** The part of a line that the rule applies to. */
function textOf(path: string, line: string, previous: string): string {
  if (!dataFolders.test(path) || isComment(line)) return line;
  return isTitle(line, previous) ? (/(['"`])(.*)\1/.exec(line)?.[2] ?? '') : '';
}

/** What is wrong with the wording of a file, as `path:line: rule`. */
export function wordingFaults(path: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    if (isException(path, line)) return [];
    const text = textOf(path, line, lines[index - 1] ?? '');
    const words = avoided.flatMap(([pattern, instead]) => {
      const found = pattern.exec(text)?.[0];
      return found === undefined ? [] : [`${at}: "${found}": write ${instead}`];
    });
    if (isComment(line) && line.length > COMMENT_COLUMNS_MAX && !isUnbreakable(line))
      words.push(`${at}: a comment of ${line.length} columns, more than ${COMMENT_COLUMNS_MAX}`);
    if (opensBadly.test(line)) words.push(`${at}: a docstring starts with a verb or a noun phrase`);
    return words;
  });
}
