/** Ensures that a dead process's file is on the disk, even if its last fsync failed. */
import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 1024 * 1024;

/** Writes a file's bytes over themselves, and waits until they are on the disk. */
export function rewriteAndSync(path: string): void {
  const file = openSync(path, 'r+');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  try {
    for (let at = 0, length = readSync(file, chunk, 0, CHUNK_BYTES, at); length > 0; ) {
      writeSync(file, chunk, 0, length, at);
      at += length;
      length = readSync(file, chunk, 0, CHUNK_BYTES, at);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
