/** Reads the Idempotency-Key of an operator's write, and marks replays in the answer. */
import type { Context } from 'hono';
import * as v from 'valibot';
import type { OperatorWrite } from '../domain/operator.ts';
import type { Ids } from '../ids/ids.ts';
import { check } from './json.ts';
import { operatorKey } from './schema.ts';

const keyHeader = v.object({ 'Idempotency-Key': operatorKey });

/**
 * The key for a command of `actor`; empty without one. `request` is what the key belongs to: the
 * route, its subject and its body. A Response is the refusal to send instead.
 */
export function onceBy(
  c: Context,
  ids: Ids,
  actor: string,
  request: readonly unknown[],
): Pick<OperatorWrite, 'once'> | Response {
  const header = c.req.header('idempotency-key');
  if (header === undefined) return {};
  const checked = check(keyHeader, { 'Idempotency-Key': header });
  if (checked instanceof Response) return checked;
  // Actors contain no space, so two operators never share a key.
  const key = ids.idempotencyKey(`${actor} ${header}`);
  return { once: { key, fingerprint: ids.fingerprint(JSON.stringify(request)) } };
}

const replayedHeader = 'idempotency-replayed';

export const replayedHeaders = ({ replayed }: { replayed?: true }): Readonly<Record<string, string>> =>
  replayed ? { [replayedHeader]: 'true' } : {};

export const isReplay = ({ headers }: Response): boolean => headers.has(replayedHeader);

export function asReplayed(answer: Response, isOne: boolean): Response {
  if (isOne) answer.headers.set(replayedHeader, 'true');
  return answer;
}
