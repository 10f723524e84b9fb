/** The real server's answers, which the floor server sends again byte for byte. */
import { randomUUID } from 'node:crypto';
import type { Running } from '../rounds/contender.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The floor server's answers: to a purchase, to GET /drops, and to any other GET. */
export interface Answers {
  post: Answer;
  list: Answer;
  drop: Answer;
}

/** Set by the HTTP library, for the floor as for us. */
const ofTheLibrary: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'keep-alive']);

async function send(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const headers = [...response.headers].filter(([name]) => !ofTheLibrary.has(name));
  return { status: response.status, headers: Object.fromEntries(headers), body: await response.text() };
}

/**
 * Sends one request of each kind; the purchase is of the first item. Throws if the purchase is
 * answered with another status than `status`.
 */
export async function answersOf({ url, drops }: Running, status: 201 | 409): Promise<Answers> {
  const [{ id, skus } = { id: '', skus: [] }] = drops;
  const post = await send(`${url}/purchase`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify({
      dropId: id,
      sku: skus[0],
      quantity: 1,
      customer: { email: 'sample@load.example' },
    }),
  });
  if (post.status !== status) throw new Error(`A purchase was answered with ${post.status}: ${post.body}`);
  return { post, list: await send(`${url}/drops`), drop: await send(`${url}/drops/${id}`) };
}
