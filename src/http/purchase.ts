/** POST /purchase: checks the request, has the writer place a hold, answers with order and URL. */
import type { Context } from 'hono';
import * as v from 'valibot';
import { orderJson } from '../answers/representation.ts';
import * as answers from '../answers/schemas.ts';
import { orderReads } from '../database/order-reads.ts';
import type { PlaceHold } from '../domain/command.ts';
import { type Drop, refusalOf, type WantedUnits } from '../domain/drop.ts';
import { unitsOf } from '../domain/order.ts';
import type { Held, HoldRefusal, Outcome } from '../domain/outcome.ts';
import { replayOf } from '../domain/replay.ts';
import { type Providers, unitsPayable, whyUnchargeable } from '../payments/chargeable.ts';
import { createAdmission } from './admission.ts';
import type { Deps } from './deps.ts';
import { check, json, readJson } from './json.ts';
import { publicOperations } from './operation.ts';
import { isPlainPurchase } from './plain-purchase.ts';
import { invalid, problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';
import { findItems, type PurchaseBody, purchaseBody } from './purchase-body.ts';
import { idempotencyKey } from './schema.ts';

/** A guessable key of earlier versions: it finds its order for one hour only. */
const shortKey = /^[\x21-\x7e]{1,15}$/;
const SHORT_KEY_MS = 3_600_000;
const keyHeader = v.object({ 'Idempotency-Key': idempotencyKey });

/** A well-formed request for existing items. */
interface PurchaseRequest {
  customer: PurchaseBody['customer'];
  drop: Drop;
  wanted: readonly WantedUnits[];
  /** The customer's keyed hash. */
  buyer: string;
  key: Pick<PlaceHold, 'idempotencyKey' | 'plainKey'>;
  /** Keyed hash of the requested purchase. */
  fingerprint: string;
}

type Answered = Outcome<PlaceHold> | Response;

const priceOf = (wanted: readonly WantedUnits[]): number =>
  wanted.reduce((total, { item, quantity }) => total + item.price * quantity, 0);

/**
 * Refuses a hold that no provider can charge before it takes units, because it would only expire.
 */
function refuseUnpayable(
  providers: Providers,
  { currency }: Drop,
  wanted: readonly WantedUnits[],
): Response | null {
  const why = whyUnchargeable(providers, priceOf(wanted), currency);
  if (why === null) return null;
  const [first] = wanted;
  if (wanted.length > 1 || !first) return invalid('items', `Their total can’t be paid: ${why}`);
  const most = unitsPayable(providers, first.item.price, currency);
  return most === 0
    ? problem('no_provider', { detail: `This item can’t be paid: ${why}` })
    : invalid('quantity', `Must be at most ${most} per order so that it can be paid: ${why}`);
}

/** Refuses a hold, and names the sku that is the reason. */
function refuseHold(refusal: Exclude<Answered, Held | Response>, { items }: Drop): Response {
  if (!('itemId' in refusal)) return refuse(refusal);
  const { itemId, ...named } = refusal;
  return refuse({ ...named, sku: items.find(({ id }) => id === itemId)?.sku ?? '' });
}

export const purchaseOperations = publicOperations([
  {
    id: 'purchase',
    method: 'post',
    path: '/purchase',
    tag: 'Purchases',
    summary: 'Place a hold on units of one item or several',
    description:
      'All units are held, or none. The hold is on disk before the answer is sent. It awaits payment until `payment.expiresAt`; the time is halved if earlier holds were not paid. Send a new Idempotency-Key (a UUID) with each purchase and the same one with each retry: a retry never creates a second order, and gets the same answer, token included, with `Idempotency-Replayed: true`. A key belongs to one customer and one body. Keep it secret: it gives access to the order. Without a key every request is a new purchase.',
    access: 'public',
    headers: {
      'Idempotency-Key': idempotencyKey,
    },
    body: {
      schema: purchaseBody,
      example: {
        dropId: 'summer-sneaker',
        items: [{ sku: 'eu-42', quantity: 1 }],
        customer: { email: 'ada@example.com', name: 'Ada' },
      },
    },
    answers: [
      { status: 201, description: 'The hold, and where to pay for it.', schema: answers.purchaseAnswer },
    ],
    refusals: [
      ...(['not_found', 'not_started', 'ended', 'paused', 'sold_out', 'limit_reached'] as const),
      ...(['key_reused', 'no_provider', 'too_many_unpaid'] as const),
    ],
    writes: true,
    isLimited: true,
  },
]);

const countNothing = (): void => undefined;

export function purchaseRoutes(deps: Deps) {
  const { db, ids, clock, publicUrl, rateLimits, countsAllUnits, providers } = deps;
  const admission = createAdmission(deps);
  /** The same for both forms of a purchase of one item. */
  const fingerprintOf = ({ customer, drop, wanted }: Omit<PurchaseRequest, 'fingerprint'>): string => {
    const { email, name = null, phone = null, address = null } = customer;
    const asked = wanted.map(({ item, quantity }) => [item.id, quantity]);
    const units = asked.length === 1 ? asked.flat() : [asked];
    return ids.fingerprint(JSON.stringify([drop.id, ...units, email, name, phone, address]));
  };
  const commandOf = (c: Context, request: PurchaseRequest): PlaceHold => {
    const { customer, drop, wanted, buyer, key, fingerprint } = request;
    const { email, name = null, phone = null, address = null } = customer;
    return {
      kind: 'placeHold',
      items: wanted.map(({ item, quantity }) => ({ itemId: item.id, quantity })),
      customer: buyer,
      customerPhone: phone === null ? null : ids.customer(phone),
      ...key,
      fingerprint,
      contact: { email, name, phone, address },
      ...(rateLimits && { client: rateLimits.clientOf(c, drop) }),
    };
  };

  const findReplay = ({ buyer, key, fingerprint }: PurchaseRequest): Held | HoldRefusal | null => {
    const known = key.plainKey === null ? undefined : orderReads(db).orderByKey({ customer: buyer, ...key });
    return known ? replayOf(known, fingerprint) : null;
  };

  /** A refusal that needs no writer; else a function that gives unused units back to the quotas. */
  const admit = (
    c: Context,
    { drop, wanted, buyer }: PurchaseRequest,
  ): HoldRefusal | Response | (() => void) => {
    // A refusal known from the snapshot costs the writer nothing. The snapshot may lag behind a
    // release, never behind a sale.
    const refusal = refusalOf(drop, wanted, clock.now());
    return (
      rateLimits?.limitCustomer(buyer) ??
      (refusal?.kind === 'sold_out' && !countsAllUnits ? null : refusal) ??
      refuseUnpayable(providers, drop, wanted) ??
      rateLimits?.limitUnits(c, buyer, unitsOf(wanted)) ??
      countNothing
    );
  };

  /** Holds that wait for the writer, by key and fingerprint. */
  const underway = new Map<string, Promise<Outcome<PlaceHold>>>();

  /**
   * Answers retries before any limit: a retry during its first attempt waits for the same outcome.
   */
  const answer = async (c: Context, request: PurchaseRequest): Promise<Answered> => {
    const { key, fingerprint } = request;
    const name = `${key.idempotencyKey} ${fingerprint}`;
    const first = underway.get(name);
    if (first) {
      const outcome = await first;
      return outcome.kind === 'held' ? { ...outcome, replayed: true } : outcome;
    }
    const admitted = admit(c, request);
    if (typeof admitted !== 'function') return findReplay(request) ?? admitted;
    const placing = db.submit(commandOf(c, request));
    if (key.plainKey !== null) underway.set(name, placing);
    try {
      const outcome = await placing;
      if (outcome.kind !== 'held' || outcome.replayed) admitted();
      return outcome;
    } finally {
      underway.delete(name);
    }
  };

  /** Answers a retry of a recent order from an earlier version; refuses anything else. */
  const answerShortKey = (request: PurchaseRequest, refusal: Response): Answered => {
    const tooFast = rateLimits?.limitCustomer(request.buyer);
    if (tooFast) return tooFast;
    const replay = findReplay(request);
    const isOfNow = replay?.kind === 'held' && clock.now() - replay.order.createdAt < SHORT_KEY_MS;
    return isOfNow ? replay : refusal;
  };

  const purchase = async (c: Context): Promise<Response> => {
    const refusal = admission.shed();
    if (refusal) return refusal;
    const body = await readJson(c, purchaseBody, isPlainPurchase);
    if (body instanceof Response) return body;
    const header = c.req.header('idempotency-key');
    const checked = header === undefined ? null : check(keyHeader, { 'Idempotency-Key': header });
    if (checked instanceof Response && !shortKey.test(header ?? '')) return checked;
    const plainKey = header ?? null;

    const drop = db.snapshot.find(body.dropId);
    if (!drop) return refuse({ kind: 'drop_not_found' });
    if (drop.movedAt) return refuse({ kind: 'drop_moved' });
    const wanted = findItems(drop, body);
    // Drafts are reported as not found, but a replay of an order placed before unpublishing is
    // still answered below.
    if ('path' in wanted)
      return drop.published ? invalid(wanted.path, wanted.message) : refuse({ kind: 'drop_not_found' });
    const buyer = ids.customer(body.customer.email);
    const key = { idempotencyKey: plainKey === null ? null : ids.idempotencyKey(plainKey), plainKey };
    const asked = { customer: body.customer, drop, wanted, buyer, key };
    const request = { ...asked, fingerprint: fingerprintOf(asked) };
    const outcome = checked instanceof Response ? answerShortKey(request, checked) : await answer(c, request);
    if (outcome instanceof Response) return outcome;
    if (outcome.kind === 'overloaded') return admission.shedInTurn();
    if (outcome.kind !== 'held') return refuseHold(outcome, drop);
    admission.served();

    const order = orderJson(outcome.order, drop, ids);
    return json(
      {
        order,
        token: ids.orderToken(order.id),
        // Our own page, which redirects to the provider: the purchase itself never waits for a
        // third party.
        payment: { url: `${publicUrl()}/pay/${order.id}`, expiresAt: order.holdExpiresAt },
      },
      201,
      outcome.replayed ? { 'idempotency-replayed': 'true' } : undefined,
    );
  };
  return publicRoutes(purchaseOperations, { purchase });
}
