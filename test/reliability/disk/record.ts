/** Reads the shim's record: every change of the files, and the marks of acknowledgements. */
import { readFileSync } from 'node:fs';

// In the order of shim.c.
const kinds = [
  ...(['none', 'write', 'sync', 'truncate', 'create', 'unlink', 'rename'] as const),
  ...(['syncFolder', 'syncFailed', 'mark'] as const),
] as const;

export interface Entry {
  kind: (typeof kinds)[number];
  /** The file's name, or the old one of a rename. */
  name: string;
  /** The offset of a write, or the size after a truncation. */
  offset: number;
  /** The written bytes, the text of a mark, or a new name. */
  data: Buffer;
}

const HEADER_BYTES = 16;

/** Throws where the record ends within an entry. */
export function readRecord(file: string): Entry[] {
  const bytes = readFileSync(file);
  const entries: Entry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const nameStart = at + HEADER_BYTES;
    const dataStart = nameStart + bytes.readUInt16LE(at + 2);
    const end = dataStart + bytes.readUInt32LE(at + 4);
    if (end > bytes.length) throw new Error(`${file} ends in the middle of an entry.`);
    entries.push({
      kind: kinds[bytes.readUInt8(at)] ?? 'none',
      name: bytes.toString('utf8', nameStart, dataStart),
      offset: Number(bytes.readBigInt64LE(at + 8)),
      data: bytes.subarray(dataStart, end),
    });
    at = end;
  }
  return entries;
}
