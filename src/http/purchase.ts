/** POST /purchase: checks a request, asks the writer for a hold, and answers with the order and the way to pay. */
import { type Context, Hono } from 'hono';
import * as v from 'valibot';
import { orderReads } from '../database/order-reads.ts';
import type { PlaceHold } from '../domain/command.ts';
import { type Drop, type Item, refusalOf } from '../domain/drop.ts';
import type { Held, HoldRefusal, Outcome } from '../domain/outcome.ts';
import { replayOf } from '../domain/replay.ts';
import { QUANTITY_PER_ORDER_MAX, SKU_CHARACTERS_MAX, SLUG_CHARACTERS_MAX } from '../limits.ts';
import { type Providers, unitsPayable, whyUnchargeable } from '../payments/chargeable.ts';
import type { Deps } from './deps.ts';
import { createDoor } from './door.ts';
import { check, json, readJson } from './json.ts';
import { invalid, problem, refuse } from './problem.ts';
import { orderJson } from './representation.ts';
import { customer, idempotencyKey, line, wholeNumber } from './schema.ts';

export const purchaseBody = v.strictObject({
  dropId: line(SLUG_CHARACTERS_MAX, 'The drop’s id or slug'),
  sku: v.optional(line(SKU_CHARACTERS_MAX, 'The item; may be left out where there is only one')),
  quantity: wholeNumber(1, QUANTITY_PER_ORDER_MAX),
  customer,
});
/** A key as earlier versions took it, which can be guessed: for an hour its order is found by it, and then no more. */
const shortKey = /^[\x21-\x7e]{1,15}$/;
const SHORT_KEY_MS = 3_600_000;
const keyHeader = v.object({ 'Idempotency-Key': idempotencyKey });
type PurchaseBody = v.InferOutput<typeof purchaseBody>;

/** A request that is well-formed and names something that exists. */
interface PurchaseRequest {
  body: PurchaseBody;
  drop: Drop;
  item: Item;
  /** The customer's keyed hash. */
  buyer: string;
  key: Pick<PlaceHold, 'idempotencyKey' | 'plainKey'>;
  /** Keyed hash of what is asked for. */
  fingerprint: string;
}

type Answered = Outcome<PlaceHold> | Response;

/** The item with this sku; without one, the only item that there is. */
export const itemNamed = (drop: Drop, sku: string | undefined): Item | undefined =>
  sku === undefined && drop.items.length === 1 ? drop.items[0] : drop.items.find((item) => item.sku === sku);

/** The item that is asked for: by its sku, which only a drop with a single item may leave out. */
function findItem(drop: Drop, sku: string | undefined): Item | Response {
  if (sku === undefined && drop.items.length > 1)
    return invalid('sku', 'Is needed: the drop has more than one item.');
  return itemNamed(drop, sku) ?? invalid('sku', 'The drop has no item with this sku.');
}

/** Whether the snapshot already knows that the answer is no. It may lag behind a release, never behind a sale. */
function knownRefusal(drop: Drop, item: Item, quantity: number, now: number): HoldRefusal | null {
  const reason = refusalOf(drop, item, quantity, now);
  return reason && { kind: reason === 'draft' ? 'drop_not_found' : reason };
}

/** A hold that no provider can charge would only expire: it is refused before it takes units. */
function refuseUnpayable(providers: Providers, drop: Drop, item: Item, quantity: number): Response | null {
  const why = whyUnchargeable(providers, item.price * quantity, drop.currency);
  if (why === null) return null;
  const most = unitsPayable(providers, item.price, drop.currency);
  return most === 0
    ? problem('no_provider', { detail: `This item can’t be paid: ${why}` })
    : invalid('quantity', `Must be at most ${most} in one order, for its payment: ${why}`);
}

const countNothing = (): void => undefined;

export function purchaseRoutes(deps: Deps) {
  const { db, ids, clock, publicUrl, rateLimits, countsAllUnits, providers } = deps;
  const door = createDoor(deps);
  const fingerprintOf = ({ quantity, customer }: PurchaseBody, { id: itemId }: Item, drop: Drop): string => {
    const { email, name = null, phone = null, address = null } = customer;
    return ids.fingerprint(JSON.stringify([drop.id, itemId, quantity, email, name, phone, address]));
  };
  const commandOf = (c: Context, request: PurchaseRequest): PlaceHold => {
    const { body, drop, item, buyer, key, fingerprint } = request;
    const { email, name = null, phone = null, address = null } = body.customer;
    return {
      kind: 'placeHold',
      itemId: item.id,
      quantity: body.quantity,
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

  /** A refusal that needs no writer; else a function that gives the units back to the quotas if none were reserved. */
  const admit = (
    c: Context,
    { body: { quantity }, drop, item, buyer }: PurchaseRequest,
  ): HoldRefusal | Response | (() => void) => {
    // A refusal that the snapshot knows costs the writer nothing.
    const known = knownRefusal(drop, item, quantity, clock.now());
    return (
      rateLimits?.takeCustomer(buyer) ??
      (known?.kind === 'sold_out' && !countsAllUnits ? null : known) ??
      refuseUnpayable(providers, drop, item, quantity) ??
      rateLimits?.takeUnits(c, buyer, quantity) ??
      countNothing
    );
  };

  /** Holds that wait for the writer, each by its key and its body. */
  const underway = new Map<string, Promise<Outcome<PlaceHold>>>();

  /** Answers a retry before any limit: one that comes while its first try is underway waits for the same outcome. */
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

  /** Answers a retry of an order that an earlier version has just placed; anything else is refused. */
  const answerShortKey = (request: PurchaseRequest, refusal: Response): Answered => {
    const tooFast = rateLimits?.takeCustomer(request.buyer);
    if (tooFast) return tooFast;
    const replay = findReplay(request);
    const isOfNow = replay?.kind === 'held' && clock.now() - replay.order.createdAt < SHORT_KEY_MS;
    return isOfNow ? replay : refusal;
  };

  return new Hono().post('/purchase', async (c) => {
    const turnedAway = door.turnAway();
    if (turnedAway) return turnedAway;
    const body = await readJson(c, purchaseBody);
    if (body instanceof Response) return body;
    const header = c.req.header('idempotency-key');
    const checked = header === undefined ? null : check(keyHeader, { 'Idempotency-Key': header });
    if (checked instanceof Response && !shortKey.test(header ?? '')) return checked;
    const plainKey = header ?? null;

    const drop = db.snapshot.find(body.dropId);
    if (!drop) return refuse({ kind: 'drop_not_found' });
    if (drop.movedAt) return refuse({ kind: 'drop_moved' });
    const item = findItem(drop, body.sku);
    // A draft shows nothing of itself; but who bought before it was one gets his order again, below.
    if (item instanceof Response) return drop.published ? item : refuse({ kind: 'drop_not_found' });
    const buyer = ids.customer(body.customer.email);
    const key = { idempotencyKey: plainKey === null ? null : ids.idempotencyKey(plainKey), plainKey };
    const request = { body, drop, item, buyer, key, fingerprint: fingerprintOf(body, item, drop) };
    const outcome = checked instanceof Response ? answerShortKey(request, checked) : await answer(c, request);
    if (outcome instanceof Response) return outcome;
    if (outcome.kind === 'overloaded') return door.refuseInTurn();
    if (outcome.kind !== 'held') return refuse(outcome);
    door.served();

    const order = orderJson(outcome.order, drop, ids);
    return json(
      {
        order,
        token: ids.orderToken(order.id),
        // A page of ours, which leads on to the provider: the purchase itself waits for nobody outside.
        payment: { url: `${publicUrl()}/pay/${order.id}`, expiresAt: order.holdExpiresAt },
      },
      201,
      outcome.replayed ? { 'idempotency-replayed': 'true' } : undefined,
    );
  });
}
