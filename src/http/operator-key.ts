/** The Idempotency-Key of an operator's write: read from its header, and told in its answer. */
import type { Context } from 'hono';
import * as v from 'valibot';
import type { OperatorWrite } from '../domain/operator.ts';
import type { Ids } from '../ids/ids.ts';
import { check } from './json.ts';
import { operatorKey } from './schema.ts';

const keyHeader = v.object({ 'Idempotency-Key': operatorKey });

/**
 * The key for a command of `actor`, or nothing where the request has none. `request` is what the key belongs to: the route, its
 * subject and its body. A Response is the refusal to send instead.
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
  // A key has no space, so no two operators share one.
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
