/** Reads CSV (RFC 4180) strictly. */
import { expect } from 'vitest';

/** Rows of a text without a byte-order mark. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    expect(whole).not.toBe('');
    row.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end !== '\r\n') continue;
    rows.push(row);
    row = [];
  }
  expect(row).toEqual([]);
  return rows;
}
