/**
 * Streams a long text as a response body: an object has 128 MB of memory, whatever its drop has
 * sold.
 */

const CHUNK_CHARACTERS = 64 * 1024;

/** Reads `texts` only as fast as the client does, and closes them when the client leaves. */
export function textStream(texts: Generator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let chunk = '';
      let isLast = false;
      while (!isLast && chunk.length < CHUNK_CHARACTERS) {
        const { value, done } = texts.next();
        isLast = done === true;
        chunk += value ?? '';
      }
      if (chunk !== '') controller.enqueue(encoder.encode(chunk));
      if (isLast) controller.close();
    },
    cancel() {
      texts.return(undefined);
    },
  });
}
