/** Temporary folders of one test file, deleted at its end. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A RAM disk where there is one: the tests check what is committed, not its durability. */
function findFastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

const folders: string[] = [];

/** A new empty folder, deleted after the tests of the file that requested it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(findFastFolder(), 'stampede-'));
  folders.push(folder);
  return folder;
}

/** Deletes the folders after each test file: one process runs many files. */
export function removeScratchFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
