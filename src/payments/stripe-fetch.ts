/** Fetches from Stripe's API, and passes only JSON objects on as JSON. */

/** The object in a JSON text; null where it is none. */
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

/** Whether it is what Stripe's API answers: an object that names its kind, or an error that names its type. */
function isOfApi({ object, error }: Record<string, unknown>): boolean {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : undefined;
  return typeof object === 'string' || typeof type === 'string';
}

/** An answer that Stripe's API keeps for an idempotency key, and that no one can read: in the words of its own errors. */
const replayedError = JSON.stringify({
  error: { type: 'api_error', message: 'An unreadable answer was replayed.' },
});

/**
 * As `fetch`. The SDK throws outside of its promise if an answer is JSON but not an object (`7`): the process would end, or the
 * request would never end. Without a text the SDK says that the answer is no JSON. Then it says nothing of the headers, and a replay
 * must be known as one: the same key would get the same answer for a day.
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
