/** Collects what one commit does: its events for the log, and the content of its Changes. */

import { eq } from 'drizzle-orm';
import { drops, items } from '../../drizzle/schema.ts';
import { type EventRow, linkHash } from '../database/log-link.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { Change, ItemCounts } from '../domain/change.ts';
import type { Drop } from '../domain/drop.ts';
import type { Event } from '../domain/event.ts';
import type { KeyFloor } from './new-keys.ts';
import { OpenHolds } from './open-holds.ts';
import { value } from './placeholder.ts';
import type { Statements } from './statements.ts';

export const prepareOfferStatements = (db: SyncDatabase) => ({
  itemOnSale: db
    .select({ dropId: items.dropId, price: items.price })
    .from(items)
    .where(eq(items.id, value('itemId')))
    .prepare(),

  dropOnSale: db
    .select({
      perCustomer: drops.perCustomer,
      startsAt: drops.startsAt,
      endsAt: drops.endsAt,
      holdSeconds: drops.holdSeconds,
      published: drops.published,
      paused: drops.paused,
      currency: drops.currency,
    })
    .from(drops)
    .where(eq(drops.id, value('dropId')))
    .prepare(),
});

/** The end of the log, which the next commit's events follow. */
export interface LogHead {
  seq: number;
  hash: string;
}

/** The facts that all purchases of an item in one commit share; free units are not among them. */
export interface Offer {
  item: NonNullable<ReturnType<Statements['itemOnSale']['get']>>;
  drop: NonNullable<ReturnType<Statements['dropOnSale']['get']>>;
}

/** What a row says beyond its columns. */
const detailOf = ({ detail, items }: Event): string | null =>
  detail === undefined && items === undefined ? null : JSON.stringify(items ? { ...detail, items } : detail);

export class Journal {
  readonly now: number;
  /** The lowest key for a new order or refund (new-keys.ts). */
  readonly keyFloor: number;
  /** Shared by all commits of a connection. */
  readonly openHolds: OpenHolds;
  readonly #events: Event[] = [];
  readonly #stock = new Map<number, Map<number, ItemCounts>>();
  readonly #drops = new Map<number, Drop>();
  readonly #offers = new Map<number, Offer>();

  constructor(now: number, keyFloor: KeyFloor, openHolds = new OpenHolds()) {
    this.now = now;
    this.openHolds = openHolds;
    this.keyFloor = keyFloor(now);
  }

  log(event: Event): void {
    this.#events.push(event);
  }

  /** An item and its drop, or undefined. Read once per commit, because many purchases need it. */
  offer(itemId: number, statements: Statements): Offer | undefined {
    const known = this.#offers.get(itemId);
    if (known) return known;
    const item = statements.itemOnSale.get({ itemId });
    const drop = item && statements.dropOnSale.get({ dropId: item.dropId });
    if (!drop) return undefined;
    const offer = { item, drop };
    this.#offers.set(itemId, offer);
    return offer;
  }

  /** Discards cached rows. Call this after SQL that is not a command's. */
  forgetOffers(): void {
    this.#offers.clear();
  }

  touchStock(dropId: number, counts: ItemCounts): void {
    const ofDrop = this.#stock.get(dropId);
    if (ofDrop) ofDrop.set(counts.id, counts);
    else this.#stock.set(dropId, new Map([[counts.id, counts]]));
  }

  /** Adds a whole drop in its current state; it replaces the drop's stock changes so far. */
  touchDrop(drop: Drop): void {
    this.#offers.clear();
    this.#drops.set(drop.id, drop);
    this.#stock.delete(drop.id);
  }

  /** Writes the events and their link after `head`, in their commit; returns the new head. */
  writeLog(statements: Statements, head: LogHead): LogHead {
    if (this.#events.length === 0) return head;
    let { seq } = head;
    const rows: EventRow[] = [];
    for (const event of this.#events) {
      seq += 1;
      const row: EventRow = [
        seq,
        this.now,
        event.kind,
        event.actor,
        event.dropId,
        event.itemId ?? null,
        event.orderId ?? null,
        event.quantity ?? null,
        event.amount ?? null,
        event.currency ?? null,
        detailOf(event),
      ];
      rows.push(row);
      statements.insertEvent.run({
        seq,
        at: row[1],
        kind: row[2],
        actor: row[3],
        dropId: row[4],
        itemId: row[5],
        orderId: row[6],
        quantity: row[7],
        amount: row[8],
        currency: row[9],
        detail: row[10],
      });
    }
    const hash = linkHash(head.hash, rows);
    statements.insertLink.run({ lastSeq: seq, hash });
    return { seq, hash };
  }

  changes(): Change[] {
    const changes: Change[] = [...this.#drops.values()].map((drop) => ({ kind: 'drop', drop }));
    for (const [dropId, items] of this.#stock) {
      changes.push({ kind: 'stock', dropId, items: [...items.values()] });
    }
    return changes;
  }
}
