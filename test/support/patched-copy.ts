/**
 * Copies parts of this checkout into a folder and patches them, to measure a change or to find the
 * test that catches it.
 */
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './server-process.ts';
import { applyPatches } from './source-patch.ts';

/** An empty folder for a copy; the caller removes it. */
export const folderForCopy = (): string => mkdtempSync(join(tmpdir(), 'stampede-patched-'));

/**
 * Copies `names`, links the installed dependencies, and applies patch files. Throws where one does
 * not fit.
 */
export function copyPatched(folder: string, names: readonly string[], patches: readonly string[]): void {
  for (const name of names) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  applyPatches(folder, patches);
}
