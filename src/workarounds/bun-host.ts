/**
 * Detects a request on Bun whose Host is absent, invalid or not the only one.
 *
 * Upstream: https://github.com/oven-sh/bun/pull/33717 (closed). Bun.serve accepts them: without a
 *   valid Host the URL is the bare target; of several Hosts the URL has the first, the header all.
 * Without it: the application sees a URL that is none, or two parts of it see two hosts (RFC 9112,
 *   section 3.2, demands 400).
 * Test: test/contract/methods.test.ts
 * Remove it when: Bun answers such requests with 400.
 */

export const hasOneHost = ({ url, headers }: Request): boolean =>
  url.startsWith('http') && headers.get('host')?.includes(',') !== true;
