/**
 * Moves free units between the shards of one drop: an empty shard gets units from another, and none
 * are lost.
 */

import type { Command, Restock } from '../../domain/command.ts';
import { availableUnits, type Item } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { dropOf, shardIdOf, shardOf } from '../../domain/shard.ts';
import { SHARD_EMPTY_MS, SHARD_OFFER_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../split/clock.ts';
import type { ObjectDatabase } from './database.ts';
import type { DropObject } from './drop-object.ts';

/** Units in transfer to another shard; the sender stores them until they have arrived. */
export interface Transfer {
  id: string;
  sku: string;
  units: number;
  /** The shard that gets the units. */
  to: number;
}

export interface ShardsDeps {
  storage: DurableObjectStorage;
  db: ObjectDatabase;
  shardId: number;
  /** Number of shards of the drop. */
  count: number;
  neighbour: (shardId: number) => DurableObjectStub<DropObject>;
  clock: Clock;
  log: Log;
}

const givenPrefix = 'given:';
const takenPrefix = 'taken:';
/** The actor in the log, next to customers and operators. */
const actor = 'shards';

export class Shards {
  readonly #deps: ShardsDeps;
  readonly #asking = new Map<string, Promise<number>>();
  /** On the monotonic clock: until when no shard is queried for an item that no shard had. */
  readonly #emptyUntilMs = new Map<string, number>();
  /** Transfers that are not confirmed. */
  #given: number;

  constructor(deps: ShardsDeps) {
    this.#deps = deps;
    this.#given = [...deps.storage.kv.list({ prefix: givenPrefix })].length;
  }

  /** When unconfirmed units must be offered again; null where there are none. */
  nextAt(now: number): number | null {
    return this.#given === 0 ? null : now + SHARD_OFFER_MS;
  }

  /**
   * Submits to the database. If this shard lacks units of an item, fetches them from the other
   * shards and submits again.
   */
  async submit<C extends Command>(command: C): Promise<Outcome<C>> {
    const { db } = this.#deps;
    let outcome = await db.submit(command);
    if (this.#deps.count === 1) return outcome;
    // A purchase of several items may lack each of them.
    const fetches = command.kind === 'placeHold' ? command.items.length : 1;
    for (let fetched = 0; fetched < fetches; fetched += 1) {
      const lack = this.#lackOf(command, outcome);
      if (!lack || !(await this.#fetchUnits(lack))) return outcome;
      outcome = await db.submit(command);
    }
    return outcome;
  }

  /**
   * Transfers at least `wanted` free units of an item, half of the free units if that is more, or
   * all that there are.
   */
  give(id: string, to: number, sku: string, wanted: number): Transfer | null {
    const { db, storage } = this.#deps;
    const [drop] = db.snapshot.drops();
    const item = drop?.items.find((one) => one.sku === sku);
    if (!drop || !item) return null;
    const free = availableUnits(item);
    const units = Math.min(free, Math.max(wanted, Math.ceil(free / 2)));
    if (units <= 0) return null;
    const transfer: Transfer = { id, sku, units, to };
    this.#given += 1;
    const command: Restock = { kind: 'restock', actor, dropId: drop.id, sku, quantity: -units };
    const outcome = db.commitWith(command, () => storage.kv.put(`${givenPrefix}${id}`, transfer));
    if (outcome.kind === 'drop_saved') return transfer;
    this.#given -= 1;
    return null;
  }

  /**
   * Adds transferred units once per transfer, however often and late it is offered: the mark stays
   * forever.
   */
  take({ id, sku, units }: Transfer): void {
    const { db, storage } = this.#deps;
    const [drop] = db.snapshot.drops();
    if (!drop || storage.kv.get(`${takenPrefix}${id}`) !== undefined) return;
    const command: Restock = { kind: 'restock', actor, dropId: drop.id, sku, quantity: units };
    const { kind } = db.commitWith(command, () => storage.kv.put(`${takenPrefix}${id}`, true));
    // The sender keeps units that have not arrived, and offers them again.
    if (kind !== 'drop_saved') throw new Error(`This shard could not add the units: ${kind}.`);
  }

  /** Confirms a transfer: the other shard has the units. */
  settle(id: string): void {
    const { storage } = this.#deps;
    if (storage.kv.delete(`${givenPrefix}${id}`)) this.#given -= 1;
  }

  /** Offers unconfirmed units again: the other shard may have ended before it confirmed them. */
  async offerAgain(): Promise<void> {
    const { storage, neighbour, log } = this.#deps;
    for (const [, transfer] of storage.kv.list<Transfer>({ prefix: givenPrefix })) {
      try {
        await neighbour(transfer.to).take(transfer);
        this.settle(transfer.id);
      } catch (error) {
        log.warn({ to: transfer.to, error: String(error) }, 'a transfer to another shard is unconfirmed');
      }
    }
  }

  /**
   * Returns the item and units that a refused command lacks; null where it was refused for another
   * reason.
   */
  #lackOf(command: Command, refusal: Outcome): { item: Item; units: number } | null {
    const items = this.#deps.db.snapshot.drops()[0]?.items ?? [];
    const lackOf = (item: Item | undefined, quantity: number) =>
      item ? { item, units: quantity - availableUnits(item) } : null;
    if (command.kind === 'placeHold' && refusal.kind === 'sold_out') {
      const wanted = command.items.find(({ itemId }) => itemId === refusal.itemId);
      return lackOf(
        items.find(({ id }) => id === refusal.itemId),
        wanted?.quantity ?? 0,
      );
    }
    if (command.kind !== 'restock' || refusal.kind !== 'stock_below_sold') return null;
    return lackOf(
      items.find(({ sku }) => sku === command.sku),
      -command.quantity,
    );
  }

  /**
   * Queries the other shards in turn; resolves with the units received. Concurrent callers share
   * the result.
   */
  #fetchUnits({ item, units }: { item: Item; units: number }): Promise<number> {
    const known = this.#asking.get(item.sku);
    if (known) return known;
    if (this.#deps.clock.monotonicMs() < (this.#emptyUntilMs.get(item.sku) ?? 0)) return Promise.resolve(0);
    const asking = this.#askNeighbours(item.sku, units).finally(() => this.#asking.delete(item.sku));
    this.#asking.set(item.sku, asking);
    return asking;
  }

  async #askNeighbours(sku: string, wanted: number): Promise<number> {
    const { shardId, count, neighbour, log } = this.#deps;
    let came = 0;
    // Starting with the next shard, so that not all shards query the same one first.
    for (let step = 1; step < count && came < wanted; step += 1) {
      const other = shardIdOf(dropOf(shardId), (shardOf(shardId) + step) % count);
      const id = crypto.randomUUID();
      try {
        const transfer = await neighbour(other).give(id, shardId, sku, wanted - came);
        if (!transfer) continue;
        this.take(transfer);
        came += transfer.units;
        await neighbour(other).settle(id);
      } catch (error) {
        // The other shard may have sent units; it then offers them again.
        log.warn({ shard: other, error: String(error) }, 'a shard could not be queried for units');
      }
    }
    if (came === 0) this.#emptyUntilMs.set(sku, this.#deps.clock.monotonicMs() + SHARD_EMPTY_MS);
    return came;
  }
}
