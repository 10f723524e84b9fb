/** The log of failed requests: what is logged of a flood, and what is not. */
import { expect, test } from 'vitest';
import { createFailureLog } from '../../../src/http/failure-log.ts';
import { FAILURE_LINES_MAX, FAILURE_LOG_KINDS_MAX, FAILURE_LOG_WINDOW_MS } from '../../../src/limits.ts';
import { silentLog } from '../../support/app-deps.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function logged() {
  const lines: { fields: Readonly<Record<string, unknown>>; message: string }[] = [];
  const clock = new FakeClock();
  const error = (fields: Readonly<Record<string, unknown>>, message: string) =>
    void lines.push({ fields, message });
  return { lines, clock, log: createFailureLog({ ...silentLog, error }, clock) };
}

const failureAt = (line: string): Error =>
  Object.assign(new TypeError('odd'), { stack: `TypeError: odd\n    at ${line}` });

test('a flood of one kind of failure logs a few lines a minute, and the count of the others', () => {
  const { lines, clock, log } = logged();
  for (let number = 0; number < 10_000; number += 1) log(failureAt('one.ts:1:1'));
  log(failureAt('two.ts:1:1'));
  expect(lines).toHaveLength(FAILURE_LINES_MAX + 1);
  expect(lines.at(-1)?.fields.stack).toContain('two.ts');
  clock.advance(FAILURE_LOG_WINDOW_MS);
  log(failureAt('one.ts:1:1'));
  expect(lines.slice(-2)).toMatchObject([
    { fields: { omitted: 10_000 - FAILURE_LINES_MAX } },
    { fields: { error: 'TypeError' }, message: 'a request failed' },
  ]);
});

test('log lines of very many kinds of failures are bounded as well', () => {
  const { lines, log } = logged();
  for (let number = 0; number < 10_000; number += 1) log(failureAt(`made-up-${number}.ts:1:1`));
  expect(lines).toHaveLength(FAILURE_LOG_KINDS_MAX);
});
