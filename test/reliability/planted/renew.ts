/** Renews a patch file from a change of the source in the working tree. */
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

/** Plants the hunks that still fit in the working tree. Returns what is wrong with the others. */
function plantFitting(checkout: string, diff: string): string[] {
  return filePatches(diff).flatMap((patch) => {
    const path = join(checkout, patch.file);
    if (!existsSync(path)) return [`${patch.file} does not exist`];
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, patchedText(patch, text));
    return findMisfits(patch, text);
  });
}

/**
 * Writes the unstaged change of the source into a patch file, and restores the source from git's
 * index. Without such a change, plants what still fits of the patch instead. Returns what to print.
 */
export function renew(checkout: string, path: string): string {
  const file = join(checkout, path);
  const { header, diff } = splitPatch(existsSync(file) ? readFileSync(file, 'utf8') : newHeader(path));
  const changed = run(checkout, ['diff', '--name-only', '--', ...patchable])
    .split('\n')
    .filter(Boolean);
  if (changed.length === 0) {
    return [
      ...plantFitting(checkout, diff),
      'What fits of this patch is now planted in the source. Complete the fault there, and run the command again.',
    ].join('\n');
  }
  const renewed = changeOfSource(checkout);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, header + renewed);
  run(checkout, ['checkout', '--', ...changed]);
  return `${renewed}\nThis change is now in ${path}, and no longer in ${changed.join(', ')}.`;
}
