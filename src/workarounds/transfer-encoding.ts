/**
 * Detects a request body that Node could misread.
 *
 * Upstream: https://github.com/nodejs/llhttp/issues/120 (closed: left to the application). Node
 *   decodes chunked only, also in HTTP/1.0, and passes any other coding through.
 * Without it: `Transfer-Encoding: gzip, chunked` is answered 200 with the compressed bytes as the
 *   body, and a proxy that reads HTTP/1.0 differently may see another request in it (RFC 9112,
 *   section 6.1).
 * Test: test/contract/transport.test.ts
 * Remove it when: Node rejects such requests.
 */
import type { IncomingMessage } from 'node:http';

export const isCodingWrong = ({ headers, httpVersionMinor }: IncomingMessage): boolean => {
  const coding = headers['transfer-encoding'];
  return coding !== undefined && (httpVersionMinor === 0 || coding.toLowerCase() !== 'chunked');
};
