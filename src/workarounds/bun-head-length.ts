/**
 * Keeps Bun from announcing the length 0 for a HEAD.
 *
 * Upstream: https://github.com/oven-sh/bun/issues/15355 (fixed for an explicit Content-Length). A
 *   response without a body still gets `Content-Length: 0` in 1.4.5, and Hono drops the body.
 * Without it: every HEAD announces a length that its GET does not have (RFC 9110, section 8.6).
 * Test: test/contract/methods.test.ts
 * Remove it when: Bun announces no length for a HEAD without a body.
 */

/** Sets chunked encoding, which announces no length. */
export async function withoutLength(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  const { headers, status } = response;
  if (!headers.has('content-length') && status !== 204 && status !== 304) {
    headers.set('transfer-encoding', 'chunked');
  }
  return response;
}
