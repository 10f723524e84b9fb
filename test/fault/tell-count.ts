/** Tells counts to the collector of what all tests have counted: the file that RELIABILITY_COUNTS names. */
import { appendFileSync } from 'node:fs';
import type { FaultClass } from './fault-classes.ts';
import type { Count } from './reliability-text.ts';

/** Returns the line that it was told in. */
export function tellCount(count: Count): string {
  const { RELIABILITY_COUNTS } = process.env;
  const line = JSON.stringify(count);
  if (RELIABILITY_COUNTS) appendFileSync(RELIABILITY_COUNTS, `${line}\n`);
  return line;
}

/** Plays one case and counts it once it has been judged: a case that throws is a violation. */
export async function countCase(name: FaultClass, seed: number, play: () => Promise<void>): Promise<void> {
  const begunMs = performance.now();
  let violations = 1;
  try {
    await play();
    violations = 0;
  } finally {
    const seconds = Math.round((performance.now() - begunMs) / 1000);
    tellCount({ class: name, cases: 1, seeds: [seed], violations, seconds });
  }
}
