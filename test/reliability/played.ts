/** Runs one fault case with its own servers, and cleans up whatever happens. */
import type { FaultRun } from './fault-run.ts';

/** The result of a case: the number of cases, and the violations. */
export interface Played {
  cases: number;
  violations: string[];
  /** Further figures of this case. */
  figures?: Record<string, number>;
  /** Further counts, which add up over all cases of a class. */
  counted?: Record<string, number>;
}

/** Runs a case. An error is a violation. A case that counts none itself is one case at its end. */
export async function playOn<R extends FaultRun>(
  what: string,
  run: R,
  play: (run: R) => Promise<Partial<Omit<Played, 'cases' | 'violations'>> | undefined>,
): Promise<Played> {
  let said: Partial<Played> | undefined;
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
