/** Timeouts of the tests: only a hang takes this long, even on a slow and loaded machine. */

/** Milliseconds until a test counts as hung; TEST_TIMEOUT_MS shortens it where one is expected. */
export const testTimeoutMs = Number(process.env.TEST_TIMEOUT_MS ?? 180_000);

/** Milliseconds of one wait within a test: it fails with what it saw before the test times out. */
export const patienceMs = testTimeoutMs / 2;
