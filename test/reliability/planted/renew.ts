/** Moves a planted fault between its patch file and the working tree. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { filePatches, findMisfits, patchable, patchedText, splitPatch } from '../../support/source-patch.ts';

/** More context than any place needs. */
const CONTEXT_LINES_MAX = 20;

const newHeader = (path: string): string =>
  `Fault: ${basename(path, '.patch').replaceAll('-', ' ')}\nClass: \nTest: \nCaught by: \n\n`;

function run(checkout: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: checkout, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** The unstaged change, with the fewest lines of context that leave each hunk one place. */
function changeOfSource(checkout: string): string {
  const options = ['--no-ext-diff', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
  for (let context = 0; context <= CONTEXT_LINES_MAX; context += 1) {
    const diff = run(checkout, ['diff', ...options, `-U${context}`, '--', ...patchable]);
    const patches = filePatches(diff).map((patch) => ({
      patch,
      text: run(checkout, ['show', `:${patch.file}`]),
    }));
    if (patches.every(({ patch, text }) => findMisfits(patch, text).length === 0))
      return diff.replaceAll(/^index .*\n/gm, '');
  }
  throw new Error('The lines of a hunk occur more than once, even with much context.');
}

/** Applies the hunks that still fit to the working tree. Returns what is wrong with the others. */
function applyHunks(checkout: string, diff: string): string[] {
  return filePatches(diff).flatMap((patch) => {
    const path = join(checkout, patch.file);
    if (!existsSync(path)) return [`${patch.file} does not exist`];
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, patchedText(patch, text));
    return findMisfits(patch, text);
  });
}

const changedSource = (checkout: string): string[] =>
  run(checkout, ['diff', '--name-only', '--', ...patchable])
    .split('\n')
    .filter(Boolean);

/**
 * Applies the hunks of a patch file that still fit to the source in the working tree. Throws where
 * the source has unstaged changes. Returns what to print.
 */
export function applyFitting(checkout: string, path: string): string {
  if (!existsSync(join(checkout, path))) throw new Error(`There is no patch ${path}.`);
  const changed = changedSource(checkout);
  if (changed.length > 0)
    throw new Error(`Stage your own changes first (git add): the fault must be the only unstaged one.
Unstaged: ${changed.join(', ')}`);
  const { diff } = splitPatch(readFileSync(join(checkout, path), 'utf8'));
  return [
    ...applyHunks(checkout, diff),
    `What fits of this patch is now in the source. Complete the fault there, then: --record ${path}`,
  ].join('\n');
}

/**
 * Writes the unstaged change of the source into a patch file, new or not, and restores the source
 * from git's index. Throws where there is no such change. Returns what to print.
 */
export function recordChange(checkout: string, path: string): string {
  const changed = changedSource(checkout);
  if (changed.length === 0)
    throw new Error(`Nothing to record: ${patchable.join(', ')} have no unstaged change.
Change the source as the fault would, or start from the patch with --apply.`);
  const file = join(checkout, path);
  const { header } = splitPatch(existsSync(file) ? readFileSync(file, 'utf8') : newHeader(path));
  const recorded = changeOfSource(checkout);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, header + recorded);
  run(checkout, ['checkout', '--', ...changed]);
  return `${recorded}\nThis change is now in ${path}, and no longer in ${changed.join(', ')}.`;
}
