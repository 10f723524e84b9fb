/** A response that browsers save as a file and no cache stores. */

/** `type` is the media type with its parameters; `name` must need no escaping. */
export const download = (
  body: ReadableStream<Uint8Array> | string | null,
  type: string,
  name: string,
): Response =>
  new Response(body, {
    headers: {
      'content-type': type,
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
