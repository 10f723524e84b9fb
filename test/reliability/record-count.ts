/** Writes counts to the file that RELIABILITY_COUNTS names, which collects those of all tests. */
import { appendFileSync } from 'node:fs';
import type { FaultClass } from './fault-classes.ts';
import type { Count } from './reliability-text.ts';

/** Returns the line that it wrote. */
export function recordCount(count: Count): string {
  const { RELIABILITY_COUNTS } = process.env;
  const line = JSON.stringify(count);
  if (RELIABILITY_COUNTS) appendFileSync(RELIABILITY_COUNTS, `${line}\n`);
  return line;
}

/** Runs and counts one case: a case that throws is a violation. */
export async function countCase(name: FaultClass, seed: number, play: () => Promise<void>): Promise<void> {
  const begunMs = performance.now();
  let violations = 1;
  try {
    await play();
    violations = 0;
  } finally {
    const seconds = Math.round((performance.now() - begunMs) / 1000);
    recordCount({ class: name, cases: 1, seeds: [seed], violations, seconds });
  }
}
