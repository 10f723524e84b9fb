/** Plays one fault on a run of its own, whatever becomes of it. */
import type { FaultRun } from './fault-run.ts';

/** What a play has done: how many cases, and what was violated. */
export interface Played {
  cases: number;
  violations: string[];
  /** Whatever else a reader wants to know of this play. */
  figures?: Record<string, number>;
  /** What else was counted: it adds up over all plays of a class. */
  counted?: Record<string, number>;
}

/** Plays on a run of its own. A run that breaks off is a violation. A play that counts no case itself is one case once it has ended. */
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
