/**
 * Copies parts of this checkout into a folder and patches them, to measure a change or to find the
 * test that catches it.
 */
import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server-process.ts';

export interface Patch {
  file: string;
  /** A text that occurs in the file exactly once. */
  search: string;
  replace: string;
}

/** The file's text after the patch. Throws where the patch does not apply. */
export function patched(text: string, { file, search, replace }: Patch): string {
  const parts = text.split(search);
  if (parts.length !== 2) {
    throw new Error(`${file} has the text of a patch ${parts.length - 1} times, not once:\n${search}`);
  }
  return parts.join(replace);
}

/** An empty folder for a copy; the caller removes it. */
export const folderForCopy = (): string => mkdtempSync(join(tmpdir(), 'stampede-patched-'));

/**
 * Copies `names`, links the installed dependencies, and applies the patches. Throws where a patch
 * does not apply.
 */
export function copyPatched(folder: string, names: readonly string[], patches: readonly Patch[]): void {
  for (const name of names) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const patch of patches) {
    const path = join(folder, patch.file);
    writeFileSync(path, patched(readFileSync(path, 'utf8'), patch));
  }
}
