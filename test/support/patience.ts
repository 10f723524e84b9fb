/** How long tests wait for what must happen: only a hang takes so long, on a slow and loaded machine too. */

/** Milliseconds until a test counts as hung; TEST_TIMEOUT_MS shortens it for runs that expect a hang. */
export const testTimeoutMs = Number(process.env.TEST_TIMEOUT_MS ?? 180_000);

/** Milliseconds that one wait within a test may take: it fails with what it saw before the test itself is cut off. */
export const patienceMs = testTimeoutMs / 2;
