/** Validates URLs of a drop's picture, which every visitor's browser loads, operators' too. */

export const imageUrlRule =
  'Must be an https URL, or a path below /images/ without escapes, backslashes and dot segments.';
export const ownImageUrlRule = 'Must be below /images/ if it is on this server.';

/** Segments that no browser, proxy or router interprets; a query may follow, such as a version. */
const imagePath = /^\/images(?:\/(?!\.{1,2}(?:[/?]|$))[^\s/\\%?#]+)+(?:\?[^\s#\\]*)?$/u;

/** Decodes as often as a chain of servers and proxies might. */
function decoded(pathname: string): string {
  let path = pathname;
  for (let times = 0; times < 3; times += 1) path = path.replaceAll(/%([2-7][\da-f])/gi, fromHex);
  return path;
}
const fromHex = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

/** Whether a path is an admin path; on any host, because it may be this server's other name. */
const isOfOperators = (pathname: string): boolean =>
  new URL(decoded(pathname).replaceAll(/[/\\]+/g, '/'), 'https://x').pathname.toLowerCase().split('/')[1] ===
  'admin';

/** An absolute URL as browsers parse it; null for a path of this server, or an invalid URL. */
const absolute = (text: string): URL | null => (text.startsWith('https://') ? URL.parse(text) : null);

/** Whether pages can show this picture, whatever the server's own name is. */
export function isImageUrl(text: string): boolean {
  const url = absolute(text);
  if (!url) return imagePath.test(text);
  return url.username === '' && url.password === '' && !isOfOperators(url.pathname);
}

/** Cookies are sent to every port of a host, and a final dot names the same host. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '');

/**
 * Whether an absolute URL leads to this server, outside its images. `own` are URLs of this server.
 */
export function isOtherOwnUrl(text: string, own: readonly string[]): boolean {
  const url = absolute(text);
  if (!url || imagePath.test(url.pathname)) return false;
  return own.some((address) => {
    const known = URL.parse(address);
    return known !== null && hostOf(known) === hostOf(url);
  });
}
