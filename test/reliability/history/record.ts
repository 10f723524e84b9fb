/** Records the requests of a crowd for one item, their answers, and the times of both. */
import { Pool } from 'undici';
import { patienceMs } from '../../support/patience.ts';
import { customer } from '../../support/shop.ts';
import { pick, type Random, seededRandom, wholeBetween } from '../random.ts';
import type { Did, Step } from './linearizable.ts';

export interface CrowdOptions {
  url: string;
  dropId: string;
  seed: number;
  clients: number;
  stepsPerClient: number;
  /** Called after each step with the number of steps done. */
  onStep?: (done: number) => void;
  /** Purchases only: a Worker may refuse from state that is a second old, and miss freed units. */
  onlyBuys?: boolean;
}

interface Held {
  orderId: string;
  token: string;
  quantity: number;
}

const answerDeadlineMs = 5_000;
const retryMs = 250;

/** The steps of a crowd, and how many of its calls were retried. */
export interface Recorded {
  history: Step[];
  retries: number;
}

/**
 * Records the whole crowd's steps. A call without an answer is retried with the same key until it
 * gets one; it begins with its first attempt.
 */
export async function recordCrowd(options: CrowdOptions): Promise<Recorded> {
  const { url, dropId, seed, clients, stepsPerClient, onlyBuys = false, onStep } = options;
  const pool = new Pool(url, { connections: clients, headersTimeout: answerDeadlineMs });
  const steps: Step[] = [];
  let retries = 0;

  const ask = async (method: 'GET' | 'POST', path: string, headers = {}, body?: object) => {
    const answer = await pool.request({
      method,
      path,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
  const untilKnown = async (call: () => ReturnType<typeof ask>) => {
    // A server that was killed is slow to start on a busy machine.
    for (const endMs = performance.now() + patienceMs; performance.now() < endMs; ) {
      const answer = await call().catch(() => null);
      if (answer && answer.status < 500) return answer;
      retries += 1;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    return null;
  };

  const buy = async (random: Random): Promise<[Did, Held | null]> => {
    const quantity = wholeBetween(random, 1, 2);
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const body = { dropId, quantity, customer: customer() };
    const answer = await untilKnown(() => ask('POST', '/purchase', headers, body));
    if (answer?.status === 201) {
      const { order, token } = JSON.parse(answer.text) as { order: { id: string }; token: string };
      return [
        { kind: 'buy', quantity, isHeld: true },
        { orderId: order.id, token, quantity },
      ];
    }
    if (answer && answer.status !== 409) throw new Error(`A purchase was answered ${answer.text}`);
    return [{ kind: 'buy', quantity, isHeld: answer ? false : null }, null];
  };

  const client = async (index: number): Promise<void> => {
    const random = seededRandom(seed * 1_000 + index);
    const held: Held[] = [];
    for (let count = 0; count < stepsPerClient; count += 1) {
      const askedMs = performance.now();
      const dice = random();
      let did: Did | null = null;
      if (!onlyBuys && dice < 0.3) {
        const answer = await untilKnown(() => ask('GET', `/drops/${dropId}`));
        const drop = answer && (JSON.parse(answer.text) as { items: { available: number }[] });
        if (drop) did = { kind: 'read', available: drop.items[0]?.available ?? -1 };
      } else if (!onlyBuys && dice < 0.55 && held.length > 0) {
        const given = pick(random, held);
        held.splice(held.indexOf(given), 1);
        const headers = { authorization: `Bearer ${given.token}` };
        const answer = await untilKnown(() => ask('POST', `/orders/${given.orderId}/cancel`, headers));
        if (answer?.status !== 200) throw new Error(`A cancellation was answered ${answer?.text}`);
        did = { kind: 'giveBack', quantity: given.quantity };
      } else {
        const [bought, order] = await buy(random);
        if (order) held.push(order);
        did = bought;
      }
      if (did) steps.push({ did, askedMs, answeredMs: performance.now() });
      onStep?.(steps.length);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
    return { history: steps, retries };
  } finally {
    await pool.destroy();
  }
}
