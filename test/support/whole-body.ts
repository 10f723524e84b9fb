/**
 * Reads the body of a request to a loopback server, whose client may be killed before it has sent
 * everything.
 */
import type { IncomingMessage } from 'node:http';

/** The errors of a connection whose other end is gone. */
const goneCodes = new Set(['ECONNRESET', 'EPIPE']);

export const isOfClosedConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && goneCodes.has(String(error.code));

/** Resolves to the body; to null when the client closes or resets the connection before its end. */
export async function wholeBody(request: IncomingMessage): Promise<string | null> {
  request.setEncoding('utf8');
  let body = '';
  try {
    for await (const chunk of request) body += chunk;
  } catch (error) {
    if (isOfClosedConnection(error)) return null;
    throw error;
  }
  return body;
}
