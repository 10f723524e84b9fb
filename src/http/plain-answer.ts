/** Responses that remember what they were made of, so that it can be sent without reading them. */

export interface PlainAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

const plainKey = Symbol('plain answer');
type Remembering = Response & { [plainKey]?: PlainAnswer };

/** Makes a response. After a change of its headers, `plainOf` still returns the original ones. */
export function responseOf(plain: PlainAnswer): Response {
  const { body, status, headers } = plain;
  const response: Remembering = new Response(body, { status, headers });
  response[plainKey] = plain;
  return response;
}

/** What `responseOf` has made the response of; undefined for any other. */
export const plainOf = (response: Remembering): PlainAnswer | undefined => response[plainKey];
