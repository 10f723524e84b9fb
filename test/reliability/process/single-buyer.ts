/** Buyers in sequence, for cases that a crowd would blur. */

import { keyOf } from '../../support/key-of.ts';
import type { ServerProcess } from '../../support/server-process.ts';
import type { Purchase } from '../../support/shapes.ts';

export interface Received {
  status: number;
  body: string;
  /** The code of a problem; empty where there is none. */
  code: string;
}

async function received(answer: Response): Promise<Received> {
  const body = await answer.text();
  const code = /"code":"(\w+)"/.exec(body)?.[1] ?? '';
  return { status: answer.status, body, code };
}

const json = { 'content-type': 'application/json' };

/** Buys one unit with the buyer's name as the key. */
export async function tryToBuy(
  server: ServerProcess,
  dropId: string,
  name: string,
  key = keyOf(name),
): Promise<Received> {
  return received(
    await fetch(`${server.url}/purchase`, {
      method: 'POST',
      headers: { ...json, 'idempotency-key': key },
      body: JSON.stringify({ dropId, quantity: 1, customer: { email: `${name}@single.example` } }),
    }),
  );
}

/** Buys one unit; throws on any other answer than an order. */
export async function buy(server: ServerProcess, dropId: string, name: string): Promise<Purchase> {
  const { status, body } = await tryToBuy(server, dropId, name);
  if (status !== 201) throw new Error(`${name} was answered ${status} ${body}`);
  return JSON.parse(body) as Purchase;
}

/** Throws where the payment is refused. */
export async function pay(server: ServerProcess, { order }: Purchase): Promise<void> {
  const answer = await received(
    await fetch(`${server.url}/pay/${order.id}`, {
      method: 'POST',
      headers: { ...json, accept: 'application/json' },
      body: '{"outcome":"paid"}',
    }),
  );
  if (answer.status !== 200) throw new Error(`A payment was answered ${answer.status} ${answer.body}`);
}

/** Sends a webhook as a provider does; null where the server does not answer. */
export const deliver = (
  server: ServerProcess,
  call: { path: string; body?: unknown; headers?: Record<string, string> },
): Promise<Received | null> =>
  fetch(`${server.url}${call.path}`, {
    method: 'POST',
    headers: { ...json, ...call.headers },
    body: String(call.body),
  }).then(received, () => null);
