/** Content negotiation: whether a client prefers a page or JSON (RFC 9110, section 12.5.1). */

/** The quality that an Accept header gives to a media type; the most specific range decides. */
function qualityOf(accept: string, type: string): number {
  const [family] = type.split('/');
  let [best, specificity] = [0, -1];
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const fits = [`*/*`, `${family}/*`, type].indexOf(name);
    if (fits <= specificity) continue;
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const quality = weight === undefined ? 1 : Number(weight.slice(2));
    [best, specificity] = [quality >= 0 && quality <= 1 ? quality : 0, fits];
  }
  return best;
}

/** Whether the client prefers a page to JSON. Clients that accept anything get JSON. */
export function prefersPage(accept: string | undefined): boolean {
  if (!accept?.toLowerCase().includes('text/')) return false;
  const json = Math.max(qualityOf(accept, 'application/json'), qualityOf(accept, 'application/problem+json'));
  return qualityOf(accept, 'text/html') > json;
}
