/** Places a hold: the purchase itself, decided inside its transaction. */
import { shortenedHoldSeconds } from '../domain/client-limits.ts';
import type { PlaceHold } from '../domain/command.ts';
import { availableUnits, closedToBuyers } from '../domain/drop.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { replayOf } from '../domain/replay.ts';
import type { Journal, Offer } from './journal.ts';
import type { Statements } from './statements.ts';
import { claimUnits, historyOf, logIfSoldOut, noHistory, reachesLimit } from './units.ts';

type HoldOutcome = OutcomeByCommand['placeHold'];

/** Refuses units beyond what one client address may hold unpaid; null if it may hold them. */
function refuseUnpaid({ quantity, client }: PlaceHold, dropId: number, journal: Journal): HoldOutcome | null {
  const { now } = journal;
  const address = client?.address ?? null;
  const over =
    client && address !== null
      ? journal.openHolds.overLimit({ dropId, address, quantity }, client.unpaidUnitsMax, now)
      : null;
  if (!over) return null;
  const retryAfterSeconds = Math.max(1, Math.ceil((over.until - now) / 1000));
  return { kind: 'too_many_unpaid', ...over, retryAfterSeconds };
}

/** Stores the order for the reserved units. */
function insertHold(
  command: PlaceHold,
  { item, drop }: Offer,
  holdSeconds: number,
  statements: Statements,
  journal: Journal,
): Extract<HoldOutcome, { kind: 'held' }> {
  const { itemId, quantity, customer, customerPhone, idempotencyKey, fingerprint, contact, client } = command;
  const { now } = journal;
  const { dropId } = item;
  const placed = {
    dropId,
    itemId,
    quantity,
    unitPrice: item.price,
    createdAt: now,
    holdExpiresAt: now + holdSeconds * 1000,
    ...contact,
  };
  const { id } = statements.insertOrder.get({
    ...placed,
    customer,
    customerPhone,
    idempotencyKey,
    fingerprint,
    keyFloor: journal.keyFloor,
  });
  const address = client?.address ?? null;
  if (address !== null) {
    const { holdExpiresAt: expiresAt } = placed;
    journal.openHolds.add(id, { dropId, address, quantity, expiresAt }, now);
  }
  journal.log({
    kind: 'held',
    actor: 'customer',
    dropId,
    itemId,
    orderId: id,
    quantity,
    amount: item.price * quantity,
    currency: drop.currency,
  });
  return {
    kind: 'held',
    order: { id, status: 'held', trackingCode: null, releaseReason: null, dispute: null, ...placed },
    replayed: false,
  };
}

/**
 * Holds units for a customer, once per key. A refusal reserves nothing; before it answers
 * `sold_out`, it releases expired holds.
 */
export function placeHold(command: PlaceHold, statements: Statements, journal: Journal): HoldOutcome {
  const { itemId, quantity, customer, customerPhone, idempotencyKey, plainKey, fingerprint, client } =
    command;
  const { now } = journal;

  // Check for a replay first: a retry gets the answer of its first attempt, even after a sell-out.
  if (idempotencyKey !== null) {
    const known = statements.orderByKey.get({ customer, idempotencyKey, plainKey });
    if (known) return replayOf(known, fingerprint);
  }

  const offer = journal.offer(itemId, statements);
  if (!offer) return { kind: 'drop_not_found' };
  const { item, drop } = offer;
  const closed = closedToBuyers(drop, now);
  if (closed !== null) return { kind: closed };
  const { dropId } = item;
  const { perCustomer } = drop;
  const mustKnow = perCustomer !== null || client !== undefined;
  const history = mustKnow ? historyOf({ customer, dropId }, statements, journal) : noHistory;
  const buyer = { customerPhone, quantity, units: history.units };
  if (perCustomer !== null && reachesLimit(buyer, dropId, perCustomer, statements)) {
    return { kind: 'limit_reached', perCustomer };
  }
  const unpaid = refuseUnpaid(command, dropId, journal);
  if (unpaid) return unpaid;

  const counts = claimUnits('holdUnits', { itemId, quantity }, statements, journal);
  if (!counts) return { kind: 'sold_out' };

  const address = client?.address ?? null;
  const isShortened =
    client !== undefined &&
    (history.lapsed > 0 || (address !== null && journal.openHolds.lapses({ dropId, address })));
  const holdSeconds = isShortened ? shortenedHoldSeconds(drop.holdSeconds) : drop.holdSeconds;
  const held = insertHold(command, offer, holdSeconds, statements, journal);
  journal.touchStock(dropId, counts);
  if (availableUnits(counts) === 0) logIfSoldOut(dropId, statements, journal);
  return held;
}
