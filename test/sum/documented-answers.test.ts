/** After all others: every answer that the published document knows of has occurred in a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allOperations } from '../../src/api/document.ts';
import { refusalsOf } from '../../src/api/operation.ts';

const folder = process.env.STAMPEDE_SEEN_ANSWERS ?? '';
const seen = new Set(
  readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n')),
);
// A part of the suite meets a part of the answers, and says nothing about the rest.
const isWholeRun = seen.size > 0;

test.skipIf(!isWholeRun)('every documented answer has occurred', () => {
  const missing = allOperations.flatMap((operation) =>
    [...operation.answers.map(({ status }) => status), ...refusalsOf(operation)]
      .map((what) => `${operation.id} ${what}`)
      .filter((line) => !seen.has(line)),
  );
  expect(missing).toEqual([]);
});
