/** A purchase in the Worker in front: refused from published state, or forwarded to its shard. */
import * as v from 'valibot';
import { refusalOf } from '../../domain/drop.ts';
import { shardIdOf, shardOfCustomer } from '../../domain/shard.ts';
import { isJson, parsedOrNull, readText } from '../../http/json.ts';
import { findItems, purchaseBody } from '../../http/purchase-body.ts';
import { edgeClock as clock } from '../clock.ts';
import type { Forwarding } from './forwarding.ts';
import type { FrontContext } from './operator-routes.ts';

export function createPurchase({ ids, answerHere, find, findShardId, forwardTo }: Forwarding) {
  return async (c: FrontContext): Promise<Response> => {
    if (!isJson(c.req.header('content-type'))) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const body = v.safeParse(purchaseBody, parsedOrNull(text), { abortPipeEarly: true });
    // No cached absence: a retry must find its order though this Worker missed the drop before.
    const first = body.success ? await findShardId(c, body.output.dropId, false) : null;
    if (first instanceof Response) return first;
    const found = first === null ? null : await find(c, first);
    // An invalid request, or one for an unknown drop, wakes no object.
    if (!body.success || !found) return answerHere(c, request);
    const { drop, shardIds } = found;
    const customer = ids.customer(body.output.customer.email);
    const shardId = shardIds[shardOfCustomer(customer, shardIds.length)] ?? shardIdOf(drop.id);
    const wanted = findItems(drop, body.output);
    const isRefused = drop.published && !('path' in wanted) && refusalOf(drop, wanted, clock.now()) !== null;
    const key = c.req.header('idempotency-key');
    // Only the object can tell a retry from a new purchase, unless the key has no order for sure.
    const isNew = key === undefined || !found.mayHaveOrder(shardId, customer, key);
    return isRefused && isNew ? answerHere(c, request, [drop]) : forwardTo(shardId, request);
  };
}
