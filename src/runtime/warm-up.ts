/** Before a server says that it listens: lets the hot paths run until they are compiled, without leaving a trace. */
import { Agent, request } from 'node:http';
import { WARM_UP_CONNECTIONS, WARM_UP_MS } from '../limits.ts';

/** A purchase that passes every check of its shape, and of a drop that can't exist: slugs have no capitals. */
const purchase = JSON.stringify({
  dropId: 'WARM-UP',
  sku: 'M',
  quantity: 1,
  customer: { email: 'nobody@example.com', name: 'Nobody', phone: '+15550000000' },
});
const headers = { 'content-type': 'application/json', 'idempotency-key': 'warm-up' };

function ask(agent: Agent, url: string, method: 'GET' | 'POST'): Promise<void> {
  return new Promise((resolve, reject) => {
    const path = method === 'GET' ? '/drops' : '/purchase';
    const asked = request(
      `${url}${path}`,
      { agent, method, headers: method === 'POST' ? headers : {} },
      (answer) => {
        answer.resume();
        answer.on('end', resolve);
        answer.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(method === 'POST' ? purchase : undefined);
  });
}

/**
 * Asks the server itself, over its own socket, for WARM_UP_MS: a drop that opens right after a start must not wait for
 * the compiler. Nothing that is asked changes anything. Rejects where the server can't reach its own address.
 */
export async function warmUp(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: WARM_UP_CONNECTIONS });
  const endMs = performance.now() + WARM_UP_MS;
  const keepAsking = async (): Promise<void> => {
    while (performance.now() < endMs) {
      await ask(agent, url, 'GET');
      await ask(agent, url, 'POST');
    }
  };
  try {
    await Promise.all(Array.from({ length: WARM_UP_CONNECTIONS }, keepAsking));
  } finally {
    agent.destroy();
  }
}
