/** A fault counts as caught only by the named assertion, and only if the control run passes. */
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../reliability/planted/fault.ts';
import { judge, type Report, type Verdict } from '../../reliability/planted/verdict.ts';

const fault: Fault = {
  class: 'overload',
  name: 'a fault',
  patch: 'test/reliability/planted/stock/a-fault.patch',
  tests: ['test/unit/one.test.ts'],
  caughtBy: 'on node sells once',
};
const assertion = 'AssertionError: expected 2 to be 1\n    at one.test.ts:1:1';
const timeOut = 'Error: STACK_TRACE_ERROR\n    at one.test.ts:1:1';

const reportOf = (
  tests: Readonly<Record<string, string | null>>,
  file = 'test/unit/one.test.ts',
): Report => ({
  testResults: [
    {
      name: `/tmp/copy/${file}`,
      message: '',
      assertionResults: Object.entries(tests).map(([fullName, failure]) => ({
        fullName,
        status: failure === null ? 'passed' : 'failed',
        failureMessages: failure === null ? [] : [failure],
      })),
    },
  ],
});
const [expected, other] = ['the shop on node sells once', 'the shop on node opens'];
const control = reportOf({ [expected]: null, [other]: null });
const why = (verdict: Verdict): string | null => ('why' in verdict ? verdict.why : null);

test('the expected assertion catches the fault', () => {
  expect(judge(fault, control, reportOf({ [expected]: assertion, [other]: null }))).toEqual({
    caughtBy: `test/unit/one.test.ts: ${expected}`,
  });
});

test('a polled assertion also catches it', () => {
  const polled = 'Error: expected false to be true // Object.is equality\n    at one.test.ts:1:1';
  expect(judge(fault, control, reportOf({ [expected]: polled })).caughtBy).toMatch(/sells once$/);
});

describe('a fault is not caught by', () => {
  test.each<[string, Report | null, RegExp]>([
    ['no failure', control, /^the expected test passes$/],
    ['the failure of another test', reportOf({ [expected]: null, [other]: assertion }), /^the expected test/],
    [
      'a test of that name in another file',
      reportOf({ [expected]: assertion }, 'test/unit/two.test.ts'),
      /^the/,
    ],
    ['a time-out', reportOf({ [expected]: timeOut }), /^another failure of .*: it timed out$/],
    ['an error other than an assertion', reportOf({ [expected]: 'TypeError: x' }), /: TypeError: x$/],
    ['a run without a report', null, /^the run ended without a report$/],
    [
      'a file that does not load',
      { testResults: [{ name: '/tmp/test/unit/one.test.ts', message: 'SyntaxError', assertionResults: [] }] },
      /^a file did not load: SyntaxError$/,
    ],
  ])('%s', (_, run, reason) => {
    expect(why(judge(fault, control, run))).toMatch(reason);
  });

  test.each<[string, Report | null, RegExp]>([
    ['fails', reportOf({ [expected]: assertion }), /^the control run fails: .*expected 2 to be 1$/],
    ['lacks the test', reportOf({ [other]: null }), /^no test ran whose full name matches/],
    ['ends without a report', null, /^the control run ended without a report$/],
  ])('anything where the control run %s', (_, brokenControl, reason) => {
    expect(why(judge(fault, brokenControl, reportOf({ [expected]: assertion })))).toMatch(reason);
  });
});

test('a fault that shows as an error other than an assertion names its message', () => {
  const thrown: Fault = { ...fault, message: 'still .* waiting' };
  const failure = 'Error: 3 calls are still not done: waiting';
  expect(judge(thrown, control, reportOf({ [expected]: failure })).caughtBy).toMatch(/sells once$/);
  expect(judge(thrown, control, reportOf({ [expected]: assertion })).caughtBy).toBeNull();
});
