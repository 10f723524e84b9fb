/** Runs one fault case with its own servers, and cleans up whatever happens. */
import type { FaultRun } from './fault-run.ts';

/** The result of a case: the number of cases, and the violations. */
export interface CaseResult {
  cases: number;
  violations: string[];
  /** Further figures of this case. */
  figures?: Record<string, number>;
  /** Further counts, which add up over all cases of a class. */
  counted?: Record<string, number>;
}

/** Runs a case. An error is a violation. A case that counts none itself is one case at its end. */
export async function runCase<R extends FaultRun>(
  what: string,
  run: R,
  play: (run: R) => Promise<Partial<Omit<CaseResult, 'cases' | 'violations'>> | undefined>,
): Promise<CaseResult> {
  let said: Partial<CaseResult> | undefined;
  let ended = 0;
  try {
    said = await play(run);
    ended = 1;
  } catch (error) {
    run.violations.push(`broke off: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await run.close();
  }
  const violations = run.violations.map((violation) => `${run.runtime}, ${what}: ${violation}`);
  return { cases: run.cases || ended, ...said, violations };
}
