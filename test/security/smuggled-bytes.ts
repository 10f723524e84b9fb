/** Ambiguous request bytes, and disguised paths to admin routes. */
const crlf = '\r\n';
export const lines = (...all: string[]): string => [...all, '', ''].join(crlf);
/** A request hidden in a body, for a server that measures bodies differently from its proxy. */
export const hidden = lines('GET /version HTTP/1.1', 'Host: hidden');

export const post = (fields: readonly string[], body: string): string =>
  `${lines('POST /purchase HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...fields)}${body}`;
const chunk = (size: string, data: string): string => `${size}${crlf}${data}${crlf}0${crlf}${crlf}`;
export const length = (text: string): string => `Content-Length: ${text.length}`;

/**
 * Two readings of a body's end: the hidden request must be part of the body, or the connection must
 * close.
 */
export const twoReadings: Record<string, string> = {
  'a length and chunks': post(
    [length(`0${crlf}${crlf}${hidden}`), 'Transfer-Encoding: chunked'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'chunks and a length': post(
    ['Transfer-Encoding: chunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'two lengths': post(['Content-Length: 2', length(`{}${hidden}`)], `{}${hidden}`),
  'two lengths in one': post(['Content-Length: 2, 2'], `{}${hidden}`),
  'a length with a sign': post(['Content-Length: +2'], `{}${hidden}`),
  'a length in hex': post(['Content-Length: 0x2'], `{}${hidden}`),
  'a length with a space before its colon': post(['Content-Length : 2'], `{}${hidden}`),
  'an encoding with a space before its colon': post(
    ['Transfer-Encoding : chunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'an encoding that is none': post(
    ['Transfer-Encoding: xchunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'two encodings': post(
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'an encoding after a tab': post(
    ['Transfer-Encoding:\tchunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'a folded encoding': post(
    ['Transfer-Encoding:', ' chunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'a folded header': post(['X: a', ` b${crlf}\tc`, 'Content-Length: 2'], `{}`),
  'a chunk size with a sign': post(['Transfer-Encoding: chunked'], chunk('-2', `{}${hidden}`)),
  'a chunk size in 0x': post(['Transfer-Encoding: chunked'], chunk('0x2', `{}${hidden}`)),
  'a chunk size beyond 64 bits': post(
    ['Transfer-Encoding: chunked'],
    chunk('10000000000000002', `{}${hidden}`),
  ),
  'a chunk size and a space': post(['Transfer-Encoding: chunked'], chunk('2 ', `{}${hidden}`)),
  'a chunk without its end': post(['Transfer-Encoding: chunked'], `2${crlf}{}${hidden}`),
  'a chunk extension with a line feed': post(
    ['Transfer-Encoding: chunked'],
    `2;a\nb${crlf}{}${crlf}0${crlf}${crlf}`,
  ),
  'line feeds alone': post([length('{}')], '{}').replaceAll(crlf, '\n'),
  'a carriage return alone in a header': post(
    ['X: a\rTransfer-Encoding: chunked', 'Content-Length: 4'],
    `0${crlf}${crlf}${hidden}`,
  ),
  'a NUL in a header': post(['X: a\u0000b', 'Content-Length: 2'], '{}'),
  'a NUL in a name': post(['X\u0000: a', 'Content-Length: 2'], '{}'),
  'a header without a name': post([': a', 'Content-Length: 2'], '{}'),
  'a header of 20 KB': post([`X: ${'x'.repeat(20_000)}`, 'Content-Length: 2'], '{}'),
  '2,000 headers': post(
    Array.from({ length: 2_000 }, (_, index) => `X-${index}: 1`),
    '{}',
  ),
  'no host': `${lines('GET /livez HTTP/1.1')}`,
  'two hosts': lines('GET /livez HTTP/1.1', 'Host: localhost', 'Host: other.example'),
  'HTTP/0.9': `GET /livez${crlf}`,
  'HTTP/2 without asking': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'an upgrade to h2c': lines(
    'GET /livez HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQAAP__',
  ),
  CONNECT: lines('CONNECT shop.example:443 HTTP/1.1', 'Host: shop.example:443'),
  TRACE: lines('TRACE / HTTP/1.1', 'Host: localhost', 'Cookie: secret=canary'),
};

/** Spellings of an admin route, sent without a token. */
export const disguises = (id: string): readonly string[] => [
  ...[
    '//admin/drops',
    '/./admin/drops',
    '/admin//drops',
    '/admin/drops/',
    '/ADMIN/drops',
    '/Admin/Drops',
    '/admin%2fdrops',
  ],
  ...[
    '/x/../admin/drops',
    '/admin/../admin/drops',
    '/x/..%2fadmin/drops',
    '/drops/%2e%2e/admin/drops',
    '/%61dmin/drops',
  ],
  ...[
    '/admin/drops?x=/livez',
    '/admin/drops#',
    '/admin/drops;x',
    '/admin/drops%00',
    '/admin/drops%20',
    '/admin/drops.json',
  ],
  ...[
    '/livez/../admin/drops',
    '/assets/..;/admin/drops',
    '\\admin\\drops',
    '/admin\\drops',
    `/admin/drops/${id}/`,
    `/admin//drops/${id}`,
  ],
  ...[
    'http://localhost/admin/drops',
    'http://other.example/admin/drops',
    'http://localhost//admin/drops',
    '/admin/drops?access_token=x',
  ],
];
