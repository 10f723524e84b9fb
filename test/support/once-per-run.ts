/** Files that one process of a run makes and all others use: bundles, configuration, templates. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchFolder } from './scratch-folder.ts';

const pollMs = 50;
let ownFolder: string | null = null;

/** The folder of the run; without one, as in a program that is no test, of this process. */
function folderOfRun(): string {
  const ofRun = process.env.STAMPEDE_BUNDLES;
  if (ofRun) return ofRun;
  ownFolder ??= scratchFolder();
  return ownFolder;
}

/** Whether this process is to make it. The others wait until it is made, or has failed. */
function claim(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * The path of a file or folder that `make` has written at the path it is given. The first process
 * makes it; the path exists only once it is complete.
 */
export async function oncePerRun(
  name: string,
  make: (draft: string) => void | Promise<void>,
): Promise<string> {
  const path = join(folderOfRun(), name);
  const lock = `${path}.making`;
  while (!existsSync(path)) {
    if (!claim(lock)) {
      await sleep(pollMs);
      continue;
    }
    try {
      const draft = `${path}.draft`;
      rmSync(draft, { recursive: true, force: true });
      await make(draft);
      renameSync(draft, path);
    } finally {
      rmSync(lock, { recursive: true });
    }
  }
  return path;
}
