/** Decides whether the expected assertion caught a fault, from reports with and without it. */
import type { Fault } from './fault.ts';

/** The part of vitest's JSON report in use. */
export interface Report {
  testResults: {
    /** The file's absolute path. */
    name: string;
    /** Why the file did not load; empty when it did. */
    message: string;
    assertionResults: {
      status: string;
      /** The titles of its groups and its own, joined by blanks. */
      fullName: string;
      failureMessages?: string[];
    }[];
  }[];
}

/** `caughtBy` is null when the fault was missed; `why` then says what happened instead. */
export type Verdict = { caughtBy: string } | { caughtBy: null; why: string };

interface Ran {
  name: string;
  status: string;
  messages: readonly string[];
}

/**
 * The error of an assertion. A property quotes it; `rejects`, `resolves` and `poll` throw a plain
 * Error.
 */
const isAssertion = /AssertionError|^Error: promise (?:resolved|rejected) .* instead of |^Error: expected /;
/** What the JSON report says of a test that timed out. */
const timedOut = /^Error: STACK_TRACE_ERROR/;
/** The error in one line. A property's error stands below its counterexample. */
const firstLine = (text: string): string =>
  timedOut.test(text)
    ? 'it timed out'
    : ((/^Got .*/m.exec(text) ?? /.*/.exec(text.trim()))?.[0].slice(0, 200) ?? '');
const missed = (why: string): Verdict => ({ caughtBy: null, why });

/** The tests that the fault names, as `file: full name`. */
function expectedTests({ tests, caughtBy }: Fault, report: Report): Ran[] {
  const pattern = new RegExp(caughtBy);
  return report.testResults.flatMap(({ name, assertionResults }) => {
    const file = tests.find((path) => name.endsWith(`/${path}`));
    if (file === undefined) return [];
    return assertionResults
      .filter(({ fullName }) => pattern.test(fullName))
      .map(({ fullName, status, failureMessages }) => ({
        name: `${file}: ${fullName}`,
        status,
        messages: failureMessages ?? [],
      }));
  });
}

const isSymptom = ({ message }: Fault, text: string): boolean =>
  message === undefined ? isAssertion.test(text) : new RegExp(message).test(text);

function findUnloaded({ testResults }: Report): string | null {
  const unloaded = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  return unloaded ? `a file did not load: ${firstLine(unloaded.message)}` : null;
}

/** What is wrong with the control run; null when the expected tests ran and passed in it. */
function findControlFault(fault: Fault, control: Report | null): string | null {
  if (control === null) return 'the control run ended without a report';
  const ran = expectedTests(fault, control);
  const failed = ran.find(({ status }) => status === 'failed');
  if (failed) return `the control run fails: ${failed.name}: ${firstLine(failed.messages[0] ?? '')}`;
  if (ran.some(({ status }) => status === 'passed')) return null;
  const unloaded = findUnloaded(control);
  if (unloaded !== null) return `in the control run ${unloaded}`;
  return `no test ran whose full name matches /${fault.caughtBy}/`;
}

/** A report is null where a run ended without one. */
export function judge(fault: Fault, control: Report | null, run: Report | null): Verdict {
  const controlFault = findControlFault(fault, control);
  if (controlFault !== null || control === null) return missed(controlFault ?? '');
  if (run === null) return missed('the run ended without a report');
  const passedBefore = new Set(
    expectedTests(fault, control)
      .filter(({ status }) => status === 'passed')
      .map(({ name }) => name),
  );
  const failed = expectedTests(fault, run).filter(
    ({ name, status }) => status === 'failed' && passedBefore.has(name),
  );
  const caught = failed.find(({ messages }) => messages.some((text) => isSymptom(fault, text)));
  if (caught) return { caughtBy: caught.name };
  const [other] = failed;
  if (other) return missed(`another failure of ${other.name}: ${firstLine(other.messages[0] ?? '')}`);
  return missed(findUnloaded(run) ?? 'the expected test passes');
}
