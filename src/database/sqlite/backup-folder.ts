/** The backup folder: names, checksums, lists and removes backups. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const CHUNK_BYTES = 1024 * 1024;

const backupPattern = /^stampede-(\d{8}T\d{6}Z)-(\d{1,15})\.db$/;
const partialPattern = /^stampede-[\dTZ]+-\d+\.partial(?:-journal|-room)?$/;
const sumPattern = /^(stampede-\d{8}T\d{6}Z-\d{1,15}\.db)\.sha256$/;

/** The lock file of the process that is creating a backup here. */
export const lockName = '.backup.lock';

const stampOf = (ms: number): string => `${new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
export const backupName = (createdAt: number, lastSeq: number): string =>
  `stampede-${stampOf(createdAt)}-${lastSeq}.db`;
/** The name during creation; `maker` is unique among processes. */
export const partialName = (startedAt: number, maker: number): string =>
  `stampede-${stampOf(startedAt)}-${maker}.partial`;
/** The path of a file's sum, in the format of `sha256sum`. */
export const sumFileOf = (file: string): string => `${file}.sha256`;
export const sumLine = (file: string, sha256: string): string => `${sha256}  ${basename(file)}\n`;

export interface NamedBackup {
  file: string;
  createdAt: number;
  lastSeq: number;
}

function parseName(name: string): NamedBackup | null {
  const [, stamp, seq] = backupPattern.exec(name) ?? [];
  if (stamp === undefined) return null;
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const createdAt = Date.parse(iso);
  return Number.isNaN(createdAt) ? null : { file: name, createdAt, lastSeq: Number(seq) };
}

/** The newest first; other files in the folder are ignored. Empty if there is no folder. */
export function namedBackups(folder: string): NamedBackup[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .map(parseName)
    .filter((named) => named !== null)
    .sort((one, other) => other.createdAt - one.createdAt || other.lastSeq - one.lastSeq);
}

/** Reads a file from its beginning, a chunk at a time. `take` must not keep the chunk. */
export function readChunks(file: string, take: (chunk: Buffer, doneBytes: number) => void): void {
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let done = 0;
    for (let count = readSync(descriptor, buffer); count > 0; count = readSync(descriptor, buffer)) {
      done += count;
      take(buffer.subarray(0, count), done);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** SHA-256 of a file, in hex. */
export function sumOf(file: string, report: (doneBytes: number) => void = () => undefined): string {
  const sum = createHash('sha256');
  readChunks(file, (chunk, doneBytes) => {
    sum.update(chunk);
    report(doneBytes);
  });
  return sum.digest('hex');
}

/** The checksum in a backup's `.sha256` file; null if there is none, or it names another file. */
export function notedSum(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(sumFileOf(file), 'utf8');
  } catch {
    return null;
  }
  const [, sum, name] = /^([0-9a-f]{64}) [ *](.+?)\r?\n?$/.exec(text) ?? [];
  return sum !== undefined && name === basename(file) ? sum : null;
}

/** Syncs a file to the disk; for a folder, the names in it. */
export function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Removes leftovers of interrupted backups: partial files except `own`, and checksums without
 * backup.
 */
export function removeLeftovers(folder: string, own: string): void {
  const names = readdirSync(folder);
  for (const name of names) {
    const summed = sumPattern.exec(name)?.[1];
    const isLeft = (partialPattern.test(name) && name !== own) || (summed && !names.includes(summed));
    if (isLeft) rmSync(join(folder, name), { force: true });
  }
}

/**
 * Removes all but the newest `keep` backups, and returns how many. Never removes `made`, even if a
 * wrong clock gave others a later time.
 */
export function removeOld(folder: string, keep: number, made: string): number {
  const others = namedBackups(folder).filter(({ file }) => file !== made);
  const old = others.slice(Math.max(0, keep - 1));
  for (const { file } of old) {
    rmSync(join(folder, file), { force: true });
    rmSync(sumFileOf(join(folder, file)), { force: true });
  }
  return old.length;
}

/** The size of a file in bytes. */
export const bytesOf = (file: string): number => statSync(file).size;
