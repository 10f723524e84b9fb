/** An answer that a browser keeps as a file, and no cache keeps at all. */

/** `type` is the media type with its parameters; the name needs no escape. */
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
