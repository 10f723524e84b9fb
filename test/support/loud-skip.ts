/** Prints which tests can't run here and why; in CI that is a failure. */

/** Returns whether the tests must be skipped. Throws in CI, where no test may be skipped. */
export function mustSkip(canRun: boolean, what: string, howToRunIt: string): boolean {
  if (canRun) return false;
  const message = `NOT RUN: ${what}. ${howToRunIt}`;
  if (process.env.CI) throw new Error(message);
  process.stderr.write(`\n*** ${message} ***\n\n`);
  return true;
}
