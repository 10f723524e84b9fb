/** Tells one class's count to whoever collects what all tests have counted: the file that RELIABILITY_COUNTS names. */
import { appendFileSync } from 'node:fs';
import type { Count } from './reliability-text.ts';

/** Returns the line that it was told in. */
export function tellCount(count: Count): string {
  const { RELIABILITY_COUNTS } = process.env;
  const line = JSON.stringify(count);
  if (RELIABILITY_COUNTS) appendFileSync(RELIABILITY_COUNTS, `${line}\n`);
  return line;
}
