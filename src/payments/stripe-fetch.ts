/** Wraps fetch for Stripe's SDK, so that it only parses JSON objects. */

/** The object in a JSON text; null if it is something else. */
function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown> | null)
      : null;
  } catch {
    return null;
  }
}

/** Whether it is an answer of Stripe's API: an object with a kind, or an error with a type. */
function isOfApi({ object, error }: Record<string, unknown>): boolean {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  return typeof object === 'string' || typeof type === 'string';
}

/** Stands for an unreadable answer that Stripe replays, in the form of its own errors. */
const replayedError = JSON.stringify({
  error: { type: 'api_error', message: 'An unreadable answer was replayed.' },
});

/**
 * Like `fetch`. If an answer is JSON but not an object (`7`), the SDK throws outside its promise:
 * the process would end, or the request would never end. An empty text makes the SDK report that
 * the answer is not JSON, but without its headers. A replay must be recognised, because the same
 * key would get the same answer for a day.
 */
export async function fetchObject(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  const readText = response.text.bind(response);
  const value = async (): Promise<string> => {
    const text = await readText();
    const found = objectIn(text);
    const isReplayed = response.headers.get('idempotent-replayed') === 'true';
    if (isReplayed && !(found && isOfApi(found))) return replayedError;
    return found ? text : '';
  };
  return Object.defineProperty(response, 'text', { value });
}
