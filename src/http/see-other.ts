/** Redirects to a page by GET, so that a reload does not repeat a form post. */

type Headers = readonly (readonly [name: string, value: string])[];

export function seeOther(location: string, headers: Headers = []): Response {
  const response = new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
  for (const [name, value] of headers) response.headers.append(name, value);
  return response;
}
