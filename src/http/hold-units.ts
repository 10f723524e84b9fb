/** Asks the writer for a hold, unless the purchase is a retry, or is refused without the writer. */
import { orderReads } from '../database/order-reads.ts';
import type { PlaceHold } from '../domain/command.ts';
import { type Drop, refusalOf, type WantedUnits } from '../domain/drop.ts';
import { unitsOf } from '../domain/order.ts';
import type { Held, HoldRefusal, Outcome } from '../domain/outcome.ts';
import { replayOf } from '../domain/replay.ts';
import type { Ids } from '../ids/ids.ts';
import { type Providers, unitsPayable, whyUnchargeable } from '../payments/chargeable.ts';
import type { Caller } from './caller.ts';
import type { Deps } from './deps.ts';
import { invalid, problem } from './problem.ts';
import type { PurchaseBody } from './purchase-body.ts';

/** A well-formed request for existing items. */
export interface PurchaseRequest {
  customer: PurchaseBody['customer'];
  drop: Drop;
  wanted: readonly WantedUnits[];
  /** The customer's keyed hash. */
  buyer: string;
  key: Pick<PlaceHold, 'idempotencyKey' | 'plainKey'>;
  /** Keyed hash of the requested purchase. */
  fingerprint: string;
}

export type Answered = Outcome<PlaceHold> | Response;

export interface Holds {
  /**
   * Answers retries before any limit: a retry during its first attempt waits for the same outcome.
   */
  place(caller: Caller, request: PurchaseRequest): Promise<Answered>;
  /** Answers a retry of a recent order from an earlier version; refuses anything else. */
  findShortKey(request: PurchaseRequest, refusal: Response): Answered;
}

const SHORT_KEY_MS = 3_600_000;
const countNothing = (): void => undefined;

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

type CommandDeps = Pick<Deps, 'ids' | 'rateLimits'>;
function commandOf({ ids, rateLimits }: CommandDeps, caller: Caller, request: PurchaseRequest): PlaceHold {
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
    ...(rateLimits && { client: rateLimits.clientOf(caller, drop) }),
  };
}

/**
 * Identifies the requested purchase: another one under the same key is refused. The same for both
 * forms of a purchase of one item.
 */
export function fingerprintOf(
  { customer, drop, wanted }: Omit<PurchaseRequest, 'fingerprint'>,
  ids: Ids,
): string {
  const { email, name = null, phone = null, address = null } = customer;
  const asked = wanted.map(({ item, quantity }) => [item.id, quantity]);
  const units = asked.length === 1 ? asked.flat() : [asked];
  return ids.fingerprint(JSON.stringify([drop.id, ...units, email, name, phone, address]));
}

export function createHolds(deps: Deps): Holds {
  const { db, clock, rateLimits, countsAllUnits, providers } = deps;
  const findReplay = ({ buyer, key, fingerprint }: PurchaseRequest): Held | HoldRefusal | null => {
    const known = key.plainKey === null ? undefined : orderReads(db).orderByKey({ customer: buyer, ...key });
    return known ? replayOf(known, fingerprint) : null;
  };

  /** A refusal that needs no writer; else a function that gives unused units back to the quotas. */
  const admit = (
    caller: Caller,
    { drop, wanted, buyer }: PurchaseRequest,
  ): HoldRefusal | Response | (() => void) => {
    // A refusal known from the snapshot costs the writer nothing. The snapshot may lag behind a
    // release, never behind a sale.
    const refusal = refusalOf(drop, wanted, clock.now());
    return (
      rateLimits?.limitCustomer(buyer) ??
      (refusal?.kind === 'sold_out' && !countsAllUnits ? null : refusal) ??
      refuseUnpayable(providers, drop, wanted) ??
      rateLimits?.limitUnits(caller, buyer, unitsOf(wanted)) ??
      countNothing
    );
  };

  /** Holds that wait for the writer, by key and fingerprint. */
  const underway = new Map<string, Promise<Outcome<PlaceHold>>>();

  return {
    async place(caller, request) {
      const { key, fingerprint } = request;
      const name = `${key.idempotencyKey} ${fingerprint}`;
      const first = underway.get(name);
      if (first) {
        const outcome = await first;
        return outcome.kind === 'held' ? { ...outcome, replayed: true } : outcome;
      }
      const admitted = admit(caller, request);
      if (typeof admitted !== 'function') return findReplay(request) ?? admitted;
      const placing = db.submit(commandOf(deps, caller, request));
      if (key.plainKey !== null) underway.set(name, placing);
      try {
        const outcome = await placing;
        if (outcome.kind !== 'held' || outcome.replayed) admitted();
        return outcome;
      } finally {
        underway.delete(name);
      }
    },
    findShortKey(request, refusal) {
      const tooFast = rateLimits?.limitCustomer(request.buyer);
      if (tooFast) return tooFast;
      const replay = findReplay(request);
      const isOfNow = replay?.kind === 'held' && clock.now() - replay.order.createdAt < SHORT_KEY_MS;
      return isOfNow ? replay : refusal;
    },
  };
}
