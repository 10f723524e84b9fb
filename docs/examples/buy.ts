/** Buys one unit whatever happens on the way: the same key makes every retry safe, so an order is placed once or not at all. */
import { createClient } from '../../src/api/client.ts';

export async function buy(url: string, dropId: string, email: string) {
  const { purchase } = createClient(url);
  const header = { 'Idempotency-Key': crypto.randomUUID() };
  for (let attempt = 0; ; attempt += 1) {
    const json = { dropId, quantity: 1, customer: { email } };
    const answer = await purchase.$post({ json, header }).catch(() => null);
    if (answer?.status === 201) return answer.json();
    const isFinal = answer && answer.status < 500 && answer.status !== 429;
    if (isFinal || attempt === 8) throw new Error(answer ? (await answer.json()).code : 'unreachable');
    const seconds = Number(answer?.headers.get('retry-after')) || 2 ** attempt / 8;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random())));
  }
}
