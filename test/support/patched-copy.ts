/** Copies parts of this checkout into a folder of its own and changes them there, to see what a change is worth or who notices it. */
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server-process.ts';

export interface Patch {
  file: string;
  /** Occurs in the file exactly once. */
  search: string;
  replace: string;
}

/** The file's text after the patch. Throws where it does not fit. */
export function patched(text: string, { file, search, replace }: Patch): string {
  const parts = text.split(search);
  if (parts.length !== 2) {
    throw new Error(`${file} has the text of a patch ${parts.length - 1} times, not once:\n${search}`);
  }
  return parts.join(replace);
}

/** An empty folder for a copy, which is the caller's to remove. */
export const folderForCopy = (): string => mkdtempSync(join(tmpdir(), 'stampede-patched-'));

/** Copies `names` with the dependencies at hand, and patches them. Throws where a patch does not fit. */
export function copyPatched(folder: string, names: readonly string[], patches: readonly Patch[]): void {
  for (const name of names) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const patch of patches) {
    const path = join(folder, patch.file);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), patch));
  }
}
