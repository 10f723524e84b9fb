/** The scratch folder, in the real database's folder, so that the test uses the same disk. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOAD_TEST_BYTES_PER_BUYER, LOAD_TEST_SPARE_BYTES } from './limits.ts';

/**
 * Creates the folder. Throws if the disk is so full that a load test could harm a running server.
 */
export function makeScratchFolder(realFile: string, buyers: number): string {
  const parent = dirname(realFile);
  const { bavail, bsize } = statfsSync(parent);
  const needed = LOAD_TEST_SPARE_BYTES + buyers * LOAD_TEST_BYTES_PER_BUYER;
  if (bavail * bsize < needed) {
    const mebibytes = Math.ceil(needed / 2 ** 20);
    throw new Error(
      `This load test needs ${mebibytes} MiB of free space on the disk of ${realFile}. Free some space, or use fewer buyers.`,
    );
  }
  return mkdtempSync(join(parent, 'load-test-'));
}

/** Removes the folder; retries, because a killed server may still be exiting. */
export const removeScratchFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
