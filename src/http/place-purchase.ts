/** A purchase from its checked body to the answer with the order, its token and where to pay. */
import * as v from 'valibot';
import { orderJson } from '../answers/representation.ts';
import type { Drop } from '../domain/drop.ts';
import type { Held } from '../domain/outcome.ts';
import { createAdmission } from './admission.ts';
import type { Caller } from './caller.ts';
import type { Deps } from './deps.ts';
import { type Answered, createHolds, fingerprintOf, type PurchaseRequest } from './hold-units.ts';
import { check, json } from './json.ts';
import { invalid, refuse } from './problem.ts';
import { findItems, type PurchaseBody } from './purchase-body.ts';
import { idempotencyKey } from './schema.ts';

/** Answers a purchase. `readBody` resolves with the body, or with the refusal to send instead. */
export type Purchase = (
  caller: Caller,
  readBody: () => Promise<PurchaseBody | Response>,
) => Promise<Response>;

/** A guessable key of earlier versions: it finds its order for one hour only. */
const shortKey = /^[\x21-\x7e]{1,15}$/;
const keyHeader = v.object({ 'Idempotency-Key': idempotencyKey });

/** Refuses a hold, and names the sku that is the reason. */
function refuseHold(refusal: Exclude<Answered, Held | Response>, { items }: Drop): Response {
  if (!('itemId' in refusal)) return refuse(refusal);
  const { itemId, ...named } = refusal;
  return refuse({ ...named, sku: items.find(({ id }) => id === itemId)?.sku ?? '' });
}

export function createPurchase(deps: Deps): Purchase {
  const { db, ids, publicUrl } = deps;
  const admission = createAdmission(deps);
  const holds = createHolds(deps);

  /** Finds what is wanted. A Response is the refusal to send instead. */
  const requestOf = (body: PurchaseBody, plainKey: string | null): PurchaseRequest | Response => {
    const drop = db.snapshot.find(body.dropId);
    if (!drop) return refuse({ kind: 'drop_not_found' });
    if (drop.movedAt) return refuse({ kind: 'drop_moved' });
    const wanted = findItems(drop, body);
    // Drafts are reported as not found, but a replay of an order placed before unpublishing is
    // still answered.
    if ('path' in wanted)
      return drop.published ? invalid(wanted.path, wanted.message) : refuse({ kind: 'drop_not_found' });
    const buyer = ids.customer(body.customer.email);
    const key = { idempotencyKey: plainKey === null ? null : ids.idempotencyKey(plainKey), plainKey };
    const asked = { customer: body.customer, drop, wanted, buyer, key };
    return { ...asked, fingerprint: fingerprintOf(asked, ids) };
  };

  const answerOf = (held: Held, drop: Drop): Response => {
    const order = orderJson(held.order, drop, ids);
    return json(
      {
        order,
        token: ids.orderToken(order.id),
        // Our own page, which redirects to the provider: the purchase itself never waits for a
        // third party.
        payment: { url: `${publicUrl()}/pay/${order.id}`, expiresAt: order.holdExpiresAt },
      },
      201,
      held.replayed ? { 'idempotency-replayed': 'true' } : undefined,
    );
  };

  return async (caller, readBody) => {
    const refusal = admission.shed();
    if (refusal) return refusal;
    const body = await readBody();
    if (body instanceof Response) return body;
    const header = caller.req.header('idempotency-key');
    const checked = header === undefined ? null : check(keyHeader, { 'Idempotency-Key': header });
    if (checked instanceof Response && !shortKey.test(header ?? '')) return checked;
    const request = requestOf(body, header ?? null);
    if (request instanceof Response) return request;
    const outcome =
      checked instanceof Response ? holds.findShortKey(request, checked) : await holds.place(caller, request);
    if (outcome instanceof Response) return outcome;
    if (outcome.kind === 'overloaded') return admission.shedInTurn();
    if (outcome.kind !== 'held') return refuseHold(outcome, request.drop);
    admission.served();
    return answerOf(outcome, request.drop);
  };
}
