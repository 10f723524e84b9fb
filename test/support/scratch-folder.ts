/** Folders for one file of tests, which go with its end. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Memory where there is a disk of it: what is committed is under test here, not whether the disk keeps it. */
function findFastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

const folders: string[] = [];

/** A new empty folder that goes away after the tests of the file that asked for it. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(findFastFolder(), 'stampede-'));
  folders.push(folder);
  return folder;
}

/** Called after each file of tests: one process runs many of them. */
export function removeScratchFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
