/** `npm run check:patches`: every patch file applies, every planted fault names existing tests. */
import { existsSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { basename, join } from 'node:path';
import { root } from '../../support/server-process.ts';
import {
  applyWithGit,
  type FilePatch,
  filePatches,
  findMisfits,
  patchable,
  patchedText,
  patchFiles,
  splitPatch,
} from '../../support/source-patch.ts';
import { faultOf, isFault, slugOf } from './fault.ts';
import { alternativesWithoutTest } from './title-pattern.ts';
import { createTitleReader } from './titles.ts';

const titlesOf = createTitleReader();

/** The message of what a call throws. */
function failureOf(call: () => unknown): string[] {
  try {
    call();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function problemsOfFile(patch: FilePatch): string[] {
  const { file } = patch;
  if (!patchable.some((name) => file === name || file.startsWith(`${name}/`)))
    return [`${file} is not part of ${patchable.join(', ')}`];
  if (!existsSync(join(root, file))) return [`${file} does not exist`];
  const text = readFileSync(join(root, file), 'utf8');
  const misfits = findMisfits(patch, text);
  if (misfits.length > 0 || !file.endsWith('.ts')) return misfits;
  return failureOf(() => stripTypeScriptTypes(patchedText(patch, text))).map(
    (why) => `${file} does not parse once it is patched: ${why}`,
  );
}

function problemsOfFault(path: string, text: string): string[] {
  return failureOf(() => {
    const { name, tests, caughtBy, message = '' } = faultOf(path, text);
    const missing = tests.find((file) => !existsSync(join(root, file)));
    if (missing !== undefined) throw new Error(`the test ${missing} does not exist`);
    if (basename(path) !== `${slugOf(name)}.patch`) throw new Error(`its name is ${slugOf(name)}.patch`);
    for (const pattern of [caughtBy, message]) new RegExp(pattern);
    const [unknown] = alternativesWithoutTest(caughtBy, titlesOf(tests));
    if (unknown !== undefined) throw new Error(`no test of ${tests.join(', ')} matches "${unknown}"`);
  });
}

/** What is wrong with the content of a patch file. */
function problemsOfContent(path: string, text: string): string[] {
  const patches = filePatches(splitPatch(text).diff);
  if (patches.length === 0) return ['it has no diff'];
  return [...(isFault(path) ? problemsOfFault(path, text) : []), ...patches.flatMap(problemsOfFile)];
}

/** What is wrong with its form, which only git knows. */
const problemsOfForm = (text: string): string[] =>
  failureOf(() => applyWithGit(root, splitPatch(text).diff, ['--check']));

/** What is wrong with a patch file. */
export function problemsOf(path: string, text: string): string[] {
  const problems = problemsOfContent(path, text);
  return problems.length > 0 ? problems : problemsOfForm(text);
}

/** What is wrong with each patch file of the repository. */
function checkAll(): { path: string; problems: string[] }[] {
  const files = patchFiles().map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
  const diffs = files.map(({ text }) => splitPatch(text).diff).join('');
  // One git that reads all of them is much faster than one for each.
  const areWellFormed = failureOf(() => applyWithGit(root, diffs, ['--numstat'])).length === 0;
  const check = areWellFormed ? problemsOfContent : problemsOf;
  return files.map(({ path, text }) => ({ path, problems: check(path, text) }));
}

if (import.meta.main) {
  const files = checkAll();
  const broken = files.filter(({ problems }) => problems.length > 0);
  for (const { path, problems } of broken) process.stderr.write(`${path}\n${problems.join('\n')}\n\n`);
  process.stdout.write(`patches: ${files.length}, ${broken.length} of them broken\n`);
  if (broken.length > 0) {
    process.stderr.write('How to renew a patch: CONTRIBUTING.md, "Plant or renew a fault".\n');
    process.exitCode = 1;
  }
}
