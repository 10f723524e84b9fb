/** `npm run check:patches`: every patch file applies, and every planted fault names its test. */
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
  });
}

/** What is wrong with a patch file. */
export function problemsOf(path: string, text: string): string[] {
  const { diff } = splitPatch(text);
  const patches = filePatches(diff);
  if (patches.length === 0) return ['it has no diff'];
  const problems = [
    ...(isFault(path) ? problemsOfFault(path, text) : []),
    ...patches.flatMap(problemsOfFile),
  ];
  // Only git knows whether the file is well-formed.
  return problems.length > 0 ? problems : failureOf(() => applyWithGit(root, diff, ['--check']));
}

if (import.meta.main) {
  const paths = patchFiles();
  const broken = paths
    .map((path) => ({ path, problems: problemsOf(path, readFileSync(join(root, path), 'utf8')) }))
    .filter(({ problems }) => problems.length > 0);
  for (const { path, problems } of broken) process.stderr.write(`${path}\n${problems.join('\n')}\n\n`);
  process.stdout.write(`patches: ${paths.length}, ${broken.length} of them broken\n`);
  if (broken.length > 0) {
    process.stderr.write(
      'Renew each: stage your own changes, then `npm run test:planted -- --renew PATH` (CONTRIBUTING.md).\n',
    );
    process.exitCode = 1;
  }
}
