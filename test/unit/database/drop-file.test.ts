/** A drop's file holds values by position: a change of the columns needs a new version. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { columnsOf, dropFileVersion, movedTableNames } from '../../../src/database/move/drop-file.ts';

/** The hash of a file's columns, by version. */
const known: Readonly<Record<number, string>> = { 8: 'b6193108c03f8a53' };

test('the columns of a drop file are those of this version', () => {
  const columns = movedTableNames.map((table) => `${table}: ${columnsOf(table).join(', ')}`).join('\n');
  const digest = createHash('sha256').update(columns).digest('hex').slice(0, 16);
  expect(digest, `Other columns need another dropFileVersion. They are:\n${columns}`).toBe(
    known[dropFileVersion],
  );
});
