/** Requests as text, ready to be written to a socket. */

export const getText = (host: string, path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: application/json\r\n\r\n`;

/**
 * Returns a POST. `headers` are whole lines; `body` is JSON in ASCII, so that characters are bytes.
 */
export const postText = (host: string, path: string, headers: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
  `${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

/** Spreads 0, 1, 2 … evenly over 0..1, the same in every run. */
export const spread = (index: number): number => (index * 0.618_033_988_75) % 1;
