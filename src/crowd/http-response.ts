/** Reads one HTTP/1.1 response at a time from the chunks of a connection. */

export interface HttpResponse {
  status: number;
  /** Status line and headers, unchanged. */
  head: string;
  body: string;
}

/**
 * The server sent something this reader does not support. The run must end, because its figures
 * would be invalid.
 */
export class ProtocolError extends Error {
  constructor(problem: string, received: string) {
    super(`${problem} The connection received: ${JSON.stringify(received.slice(0, 300))}`);
    this.name = 'ProtocolError';
  }
}

const headEnd = '\r\n\r\n';
const statusLine = /^HTTP\/1\.1 ([2-5]\d\d)[ \r]/;
const contentLength = /\r\ncontent-length: *(\d+) *(?:\r\n|$)/i;
const transferEncoding = /\r\ntransfer-encoding:/i;

/**
 * Collects a response that arrives in several chunks. Supports bodies with a Content-Length only.
 */
export class ResponseReader {
  #kept: Buffer | undefined;

  /**
   * Adds the next bytes; returns the response once it is complete. The bytes may be reused after
   * the call. Throws a ProtocolError on anything but a final response with a Content-Length, and on
   * bytes after its end.
   */
  read(chunk: Buffer): HttpResponse | undefined {
    const bytes = this.#kept === undefined ? chunk : Buffer.concat([this.#kept, chunk]);
    const response = parse(bytes);
    this.#kept = response === undefined ? (bytes === chunk ? Buffer.from(chunk) : bytes) : undefined;
    return response;
  }
}

function parse(bytes: Buffer): HttpResponse | undefined {
  const headLength = bytes.indexOf(headEnd);
  if (headLength === -1) return undefined;
  const head = bytes.toString('latin1', 0, headLength);
  const status = statusLine.exec(head)?.[1];
  if (status === undefined) throw new ProtocolError('Not a final HTTP/1.1 response.', head);
  if (transferEncoding.test(head)) throw new ProtocolError('A body without a stated length.', head);
  const length = contentLength.exec(head)?.[1];
  if (length === undefined) throw new ProtocolError('No Content-Length.', head);
  const bodyStart = headLength + headEnd.length;
  const end = bodyStart + Number(length);
  if (bytes.length < end) return undefined;
  if (bytes.length > end) throw new ProtocolError('Bytes after the response.', bytes.toString('latin1'));
  return { status: Number(status), head, body: bytes.toString('utf8', bodyStart, end) };
}
