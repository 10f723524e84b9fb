/** Fetches from Stripe's API, and passes only JSON objects on as JSON. */

function isObject(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/**
 * As `fetch`. The SDK throws outside of its promise if an answer is JSON but not an object (`7`): the process would end, or the
 * request would never end. Without a text the SDK says that the answer is no JSON.
 */
export async function fetchObject(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await fetch(...request);
  const readText = response.text.bind(response);
  const value = async (): Promise<string> => {
    const text = await readText();
    return isObject(text) ? text : '';
  };
  return Object.defineProperty(response, 'text', { value });
}
