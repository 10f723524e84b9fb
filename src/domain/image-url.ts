/** Checks the addresses of a drop's picture: pages load them in every visitor's browser, with an operator's session too. */

export const imageUrlRule =
  'Must be an https URL, or a path below /images/ without escapes, backslashes and dot segments.';
export const ownImageUrlRule = 'Must be below /images/ where it is an address of this server.';

/** Segments that no browser, proxy or router reads as anything else; a query may follow, such as a version. */
const imagePath = /^\/images(?:\/(?!\.{1,2}(?:[/?]|$))[^\s/\\%?#]+)+(?:\?[^\s#\\]*)?$/u;

/** Undone as often as servers and proxies in a row might undo it. */
function decoded(pathname: string): string {
  let path = pathname;
  for (let times = 0; times < 3; times += 1) path = path.replaceAll(/%([2-7][\da-f])/gi, fromHex);
  return path;
}
const fromHex = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

/** Admin addresses on any host: it may be this server under another name. */
const isOfOperators = (pathname: string): boolean =>
  new URL(decoded(pathname).replaceAll(/[/\\]+/g, '/'), 'https://x').pathname.toLowerCase().split('/')[1] ===
  'admin';

/** The URL of an absolute address as a browser reads it; null for a path of this server, and for text that is not a URL. */
const absolute = (text: string): URL | null => (text.startsWith('https://') ? URL.parse(text) : null);

/** Whether pages can show this picture, whatever the server's own name is. */
export function isImageUrl(text: string): boolean {
  const url = absolute(text);
  if (!url) return imagePath.test(text);
  return url.username === '' && url.password === '' && !isOfOperators(url.pathname);
}

/** Cookies go to every port of a host, and a final dot names the same host. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/\.$/, '');

/** Whether an absolute address leads to this server, and not to its images. `own` are addresses of this server. */
export function isOtherOwnUrl(text: string, own: readonly string[]): boolean {
  const url = absolute(text);
  if (!url || imagePath.test(url.pathname)) return false;
  return own.some((address) => {
    const known = URL.parse(address);
    return known !== null && hostOf(known) === hostOf(url);
  });
}
