/** Checks after a whole run that each answer of the published document occurred in a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { allOperations } from '../../../src/api/document.ts';
import { refusalsOf } from '../../../src/http/operation.ts';

const folder = process.env.STAMPEDE_SEEN_ANSWERS ?? '';
const seen = new Set(
  readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n')),
);
test('every documented answer has occurred', () => {
  // The recorder is broken, or no other test ran: this file needs a whole run (`npm run test:all`).
  expect(seen.size, 'no test recorded an answer').toBeGreaterThan(0);
  const missing = allOperations.flatMap((operation) =>
    [...operation.answers.map(({ status }) => status), ...refusalsOf(operation)]
      .map((what) => `${operation.id} ${what}`)
      .filter((line) => !seen.has(line)),
  );
  expect(missing).toEqual([]);
});
