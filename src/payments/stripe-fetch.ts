/** Fetches from Stripe's API, and passes only JSON objects on as JSON. */

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
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
    if (isObject(text)) return text;
    return response.headers.get('idempotent-replayed') === 'true' ? replayedError : '';
  };
  return Object.defineProperty(response, 'text', { value });
}
