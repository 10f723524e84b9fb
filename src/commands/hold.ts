/** Places a hold: the purchase itself, decided inside its transaction. */
import { storedItems } from '../../drizzle/order-items.ts';
import { shortenedHoldSeconds } from '../domain/client-limits.ts';
import type { PlaceHold } from '../domain/command.ts';
import { closedToBuyers } from '../domain/drop.ts';
import { unitsOfOrder } from '../domain/event.ts';
import { type OrderItem, totalOf, unitsOf } from '../domain/order.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { replayOf } from '../domain/replay.ts';
import type { Journal } from './journal.ts';
import type { Statements } from './statements.ts';
import { claimUnits, historyOf, itemBeyondLimit, logIfSoldOut, noHistory } from './units.ts';

type HoldOutcome = OutcomeByCommand['placeHold'];

/** Refuses units beyond what one client address may hold unpaid; null if it may hold them. */
function refuseUnpaid(
  client: PlaceHold['client'],
  units: number,
  dropId: number,
  journal: Journal,
): HoldOutcome | null {
  const { now } = journal;
  const address = client?.address ?? null;
  const over =
    client && address !== null
      ? journal.openHolds.overLimit({ dropId, address, quantity: units }, client.unpaidUnitsMax, now)
      : null;
  if (!over) return null;
  const retryAfterSeconds = Math.max(1, Math.ceil((over.until - now) / 1000));
  return { kind: 'too_many_unpaid', ...over, retryAfterSeconds };
}

/** The items that a purchase asks for, at their present prices; null if one is not of the drop. */
function pricedItems(
  wanted: PlaceHold['items'],
  dropId: number,
  statements: Statements,
  journal: Journal,
): readonly OrderItem[] | null {
  const items: OrderItem[] = [];
  for (const { itemId, quantity } of wanted) {
    const item = journal.offer(itemId, statements)?.item;
    if (item?.dropId !== dropId) return null;
    items.push({ itemId, quantity, unitPrice: item.price });
  }
  return items;
}

interface Purchase {
  items: readonly OrderItem[];
  units: number;
  dropId: number;
  currency: string;
  holdSeconds: number;
}

/** Stores the order for the reserved units. */
function insertHold(
  command: PlaceHold,
  { items, units, dropId, currency, holdSeconds }: Purchase,
  statements: Statements,
  journal: Journal,
): Extract<HoldOutcome, { kind: 'held' }> {
  const { customer, customerPhone, idempotencyKey, fingerprint, contact, client } = command;
  const { now } = journal;
  const placed = {
    dropId,
    units,
    total: totalOf(items),
    createdAt: now,
    holdExpiresAt: now + holdSeconds * 1000,
    ...contact,
  };
  const { id } = statements.insertOrder.get({
    ...placed,
    items: storedItems(items),
    customer,
    customerPhone,
    idempotencyKey,
    fingerprint,
    keyFloor: journal.keyFloor,
  });
  const address = client?.address ?? null;
  if (address !== null) {
    const { holdExpiresAt: expiresAt } = placed;
    journal.openHolds.add(id, { dropId, address, quantity: units, expiresAt }, now);
  }
  journal.log({
    kind: 'held',
    actor: 'customer',
    dropId,
    ...unitsOfOrder({ id, items, units }),
    amount: placed.total,
    currency,
  });
  return {
    kind: 'held',
    order: { id, items, status: 'held', trackingCode: null, releaseReason: null, dispute: null, ...placed },
    replayed: false,
  };
}

/** How long the hold lasts: shorter for a customer or an address that let holds expire. */
function holdSecondsFor(
  { client }: PlaceHold,
  { dropId, holdSeconds, lapsed }: { dropId: number; holdSeconds: number; lapsed: number },
  journal: Journal,
): number {
  if (client === undefined) return holdSeconds;
  const { address } = client;
  const isShortened = lapsed > 0 || (address !== null && journal.openHolds.lapses({ dropId, address }));
  return isShortened ? shortenedHoldSeconds(holdSeconds) : holdSeconds;
}

/**
 * Holds units for a customer, once per key: of every item, or of none. A refusal reserves nothing;
 * before it answers `sold_out`, it releases expired holds.
 */
export function placeHold(command: PlaceHold, statements: Statements, journal: Journal): HoldOutcome {
  const { customer, customerPhone, idempotencyKey, plainKey, fingerprint, client } = command;

  // Check for a replay first: a retry gets the answer of its first attempt, even after a sell-out.
  if (idempotencyKey !== null) {
    const known = statements.orderByKey.get({ customer, idempotencyKey, plainKey });
    if (known) return replayOf(known, fingerprint);
  }

  const offer = journal.offer(command.items[0]?.itemId ?? 0, statements);
  if (!offer) return { kind: 'drop_not_found' };
  const { drop } = offer;
  const { dropId } = offer.item;
  const items = pricedItems(command.items, dropId, statements, journal);
  if (!items) return { kind: 'drop_not_found' };
  const closed = closedToBuyers(drop, journal.now);
  if (closed !== null) return { kind: closed };
  const { perCustomer, currency } = drop;
  const mustKnow = perCustomer !== null || client !== undefined;
  const history = mustKnow ? historyOf({ customer, dropId }, statements, journal) : noHistory;
  if (perCustomer !== null) {
    const itemId = itemBeyondLimit(
      { customerPhone, items, units: history.units },
      dropId,
      perCustomer,
      statements,
    );
    if (itemId !== null) return { kind: 'limit_reached', perCustomer, itemId };
  }
  const units = unitsOf(items);
  const unpaid = refuseUnpaid(client, units, dropId, journal);
  if (unpaid) return unpaid;

  const claim = claimUnits('hold', dropId, items, statements, journal);
  if (claim.kind === 'sold_out') return claim;
  const { lapsed } = history;
  const holdSeconds = holdSecondsFor(command, { dropId, holdSeconds: drop.holdSeconds, lapsed }, journal);
  const held = insertHold(command, { items, units, dropId, currency, holdSeconds }, statements, journal);
  if (claim.empties) logIfSoldOut(dropId, statements, journal);
  return held;
}
