/** Planted faults: patch files whose header names the fault and the assertion that catches it. */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../support/server-process.ts';
import { patchFiles, splitPatch } from '../../support/source-patch.ts';
import { type FaultClass, faultClasses } from '../fault-classes.ts';

export interface Fault {
  class: FaultClass;
  name: string;
  /** The path of the patch file. */
  patch: string;
  /** The files of the tests that are run. */
  tests: readonly string[];
  /** A pattern of full test names: these tests are run, and an assertion of one must fail. */
  caughtBy: string;
  /** A pattern of the failure's message, where it is not an AssertionError. */
  message?: string;
}

const keys = ['Fault', 'Class', 'Test', 'Caught by', 'Failure'];

/** The file name of a fault. */
export const slugOf = (name: string): string =>
  name
    .replaceAll(/['’]s\b|['’]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

/** Reads `Key: value` lines up to the first empty line. Throws where one is wrong. */
export function faultOf(patch: string, text: string): Fault {
  const lines = splitPatch(text).header.split('\n\n')[0]?.split('\n') ?? [];
  const fields = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const field = (key: string): string => {
    const value = fields.get(key);
    if (!value) throw new Error(`${patch}: the header has no line "${key}: …"`);
    return value;
  };
  const unknown = [...fields.keys()].find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`${patch}: the header has no field "${unknown}"`);
  const name = faultClasses.find((one) => one === field('Class'));
  if (name === undefined) throw new Error(`${patch}: there is no class "${field('Class')}"`);
  return {
    class: name,
    name: field('Fault'),
    patch,
    tests: field('Test').split(' '),
    caughtBy: field('Caught by'),
    ...(fields.has('Failure') && { message: field('Failure') }),
  };
}

/** Whether a patch file is a planted fault: those of other folders serve one test or benchmark. */
export const isFault = (path: string): boolean => path.startsWith(`${relative(root, import.meta.dirname)}/`);

/** The patch file of this path, new or not, or the only one whose name has this part. */
export function patchNamed(name: string): string {
  if (name.endsWith('.patch')) return name;
  const found = patchFiles().filter((path) => path.includes(slugOf(name)));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new Error(`${found.length} patch files have the name "${name}": ${found.join(' ')}`);
}

/** Reads every planted fault. Throws where a header is wrong. */
export const readFaults = (): Fault[] =>
  patchFiles()
    .filter(isFault)
    .map((path) => faultOf(path, readFileSync(join(root, path), 'utf8')));
