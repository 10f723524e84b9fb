/** Patch files: diffs of the source, checked for one clear place and applied with git. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { root } from './server-process.ts';

/** What a patch may change. */
export const patchable = ['src', 'drizzle', 'deploy', 'wrangler.toml'];

interface Hunk {
  /** The lines of the source that the hunk expects: removed lines and context. */
  before: string;
  after: string;
}

export interface FilePatch {
  file: string;
  hunks: readonly Hunk[];
}

/** Every patch file of the repository, as a path from its root. */
export const patchFiles = (): string[] =>
  ['test', 'bench'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.patch'))
      .map((name) => join(folder, name))
      .sort(),
  );

/** The lines of a hunk on one side of the diff. */
const sideOf = (hunk: string, sign: '-' | '+'): string =>
  hunk
    .split('\n')
    .filter((line) => line.startsWith(sign) || line.startsWith(' '))
    .map((line) => `${line.slice(1)}\n`)
    .join('');

/** Splits a patch file into the text of its header and its diff. */
export function splitPatch(text: string): { header: string; diff: string } {
  const start = text.search(/^diff --git /m);
  return start < 0 ? { header: text, diff: '' } : { header: text.slice(0, start), diff: text.slice(start) };
}

export function filePatches(diff: string): FilePatch[] {
  const sections = diff.split(/^diff --git a\/(?=\S+ b\/)/m).slice(1);
  return sections.map((section) => {
    const [head = '', ...hunks] = section.split(/^@@ .*\n/m);
    return {
      file: head.slice(0, head.indexOf(' b/')),
      hunks: hunks.map((hunk) => ({ before: sideOf(hunk, '-'), after: sideOf(hunk, '+') })),
    };
  });
}

/** How often whole lines occur in a text. Lines without a word mark no place. */
const placesOf = (text: string, lines: string): number =>
  /\w/.test(lines) ? `\n${text}`.split(`\n${lines}`).length - 1 : 0;

/** The hunks whose lines do not occur exactly once, each with what is wrong. */
export function findMisfits({ file, hunks }: FilePatch, text: string): string[] {
  return hunks
    .map(({ before }) => ({ before, places: placesOf(text, before) }))
    .filter(({ places }) => places !== 1)
    .map(({ before, places }) => `${file} has these lines ${places} times, not once:\n${before}`);
}

/** The text with each hunk replaced that has one place. */
export const patchedText = ({ hunks }: FilePatch, text: string): string =>
  hunks
    .filter(({ before }) => placesOf(text, before) === 1)
    .map((hunk) => ({ ...hunk, at: `\n${text}`.indexOf(`\n${hunk.before}`) }))
    .sort((one, other) => other.at - one.at)
    .reduce(
      (result, { at, before, after }) => result.slice(0, at) + after + result.slice(at + before.length),
      text,
    );

/**
 * Applies a diff in a folder, whether or not it is a checkout, without the user's git settings.
 * `--unidiff-zero` frees hunks from the first and the last line of a file.
 */
export function applyWithGit(folder: string, diff: string, options: readonly string[] = []): void {
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  const args = ['apply', '--unidiff-zero', '--whitespace=nowarn', ...options];
  const { status, stderr, error } = spawnSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    input: diff,
    env: {
      ...env,
      // In a checkout around the folder, git would skip the files silently.
      GIT_CEILING_DIRECTORIES: dirname(folder),
      GIT_CONFIG_GLOBAL: devNull,
      GIT_CONFIG_NOSYSTEM: '1',
    },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
}

/** Applies patch files to the source in a folder. Throws where a hunk does not have one place. */
export function applyPatches(folder: string, patches: readonly string[]): void {
  for (const path of patches) {
    const { diff } = splitPatch(readFileSync(resolve(root, path), 'utf8'));
    const misfits = filePatches(diff).flatMap((patch) =>
      findMisfits(patch, readFileSync(join(folder, patch.file), 'utf8')),
    );
    if (misfits.length > 0) throw new Error(`${path}: ${misfits.join('\n')}`);
    applyWithGit(folder, diff);
  }
}
