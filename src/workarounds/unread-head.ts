/**
 * Tells a HEAD from the GET as which Hono handles it.
 *
 * Upstream: no issue known. Hono 4.13 runs the GET's route and drops the body without cancelling
 *   it (`dispatch` in hono-base).
 * Without it: the source of a streamed body stays open: a listener to the stock for ever, a reader
 *   of an export until the server stops.
 * Test: test/unit/http/live-stock.test.ts
 * Remove it when: Hono cancels the body, and an export needs no entry in the log before it starts.
 */
import type { Context } from 'hono';

/** A route with a streamed body answers such a request without one. */
export const isHead = (c: Context): boolean => c.req.method === 'HEAD';
