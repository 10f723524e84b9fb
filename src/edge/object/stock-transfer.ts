/** Moves free units between the shards of one drop: a shard that has none left takes some from another, and none is ever lost. */

import type { Command, Restock } from '../../domain/command.ts';
import { availableUnits, type Item } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { dropOf, shardIdOf, shardOf } from '../../domain/shard.ts';
import { SHARD_EMPTY_MS, SHARD_OFFER_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../split/clock.ts';
import type { ObjectDatabase } from './database.ts';
import type { DropObject } from './drop-object.ts';

/** Units on their way from one shard to another; kept by the one that gave them until the other has them. */
export interface Transfer {
  id: string;
  sku: string;
  units: number;
  /** The shard that gets them. */
  to: number;
}

export interface ShardsDeps {
  storage: DurableObjectStorage;
  db: ObjectDatabase;
  shardId: number;
  /** How many shards the drop has. */
  count: number;
  neighbour: (shardId: number) => DurableObjectStub<DropObject>;
  clock: Clock;
  log: Log;
}

const givenPrefix = 'given:';
const takenPrefix = 'taken:';
/** In the log beside customers and operators. */
const actor = 'shards';

export class Shards {
  readonly #deps: ShardsDeps;
  readonly #asking = new Map<string, Promise<number>>();
  /** On the monotonic clock: until when nobody is asked again for an item that nobody had. */
  readonly #emptyUntilMs = new Map<string, number>();
  /** Transfers that nobody has said to have. */
  #given: number;

  constructor(deps: ShardsDeps) {
    this.#deps = deps;
    this.#given = [...deps.storage.kv.list({ prefix: givenPrefix })].length;
  }

  /** When given units must be offered again; null where all have arrived. */
  nextAt(now: number): number | null {
    return this.#given === 0 ? null : now + SHARD_OFFER_MS;
  }

  /** As the database's: but what this shard has too few units for, it asks the others for, and tries once more. */
  async submit<C extends Command>(command: C): Promise<Outcome<C>> {
    const { db } = this.#deps;
    const outcome = await db.submit(command);
    if (this.#deps.count === 1) return outcome;
    const lack = this.#lackOf(command, outcome.kind);
    return lack && (await this.#fetchUnits(lack)) ? db.submit(command) : outcome;
  }

  /** Gives at least `wanted` free units of an item away, or half of what there is where that is more, or what there is. */
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

  /** Takes units in, once for each transfer, however often and however late they are offered: the mark stays for ever. */
  take({ id, sku, units }: Transfer): void {
    const { db, storage } = this.#deps;
    const [drop] = db.snapshot.drops();
    if (!drop || storage.kv.get(`${takenPrefix}${id}`) !== undefined) return;
    const command: Restock = { kind: 'restock', actor, dropId: drop.id, sku, quantity: units };
    const { kind } = db.commitWith(command, () => storage.kv.put(`${takenPrefix}${id}`, true));
    // The giver keeps what has not arrived, and offers it again.
    if (kind !== 'drop_saved') throw new Error(`Units for this shard were not taken: ${kind}.`);
  }

  /** The other shard has them. */
  settle(id: string): void {
    const { storage } = this.#deps;
    if (storage.kv.delete(`${givenPrefix}${id}`)) this.#given -= 1;
  }

  /** Offers again what was given and not taken, as far as is known: the other one may have ended in between. */
  async offerAgain(): Promise<void> {
    const { storage, neighbour, log } = this.#deps;
    for (const [, transfer] of storage.kv.list<Transfer>({ prefix: givenPrefix })) {
      try {
        await neighbour(transfer.to).take(transfer);
        this.settle(transfer.id);
      } catch (error) {
        log.warn({ to: transfer.to, error: String(error) }, 'units for another shard wait for it');
      }
    }
  }

  /** Of which item, and how many units, a refused command lacks; null where units are not what it lacks. */
  #lackOf(command: Command, refusal: string): { item: Item; units: number } | null {
    const items = this.#deps.db.snapshot.drops()[0]?.items ?? [];
    const isHold = command.kind === 'placeHold' && refusal === 'sold_out';
    const isWithdrawal = command.kind === 'restock' && refusal === 'stock_below_sold';
    if (!isHold && !isWithdrawal) return null;
    const item = items.find((one) =>
      command.kind === 'placeHold' ? one.id === command.itemId : one.sku === command.sku,
    );
    return item ? { item, units: Math.abs(command.quantity) - availableUnits(item) } : null;
  }

  /** Asks the others one after the other; resolves with the units that came. Who asks meanwhile shares the answer. */
  #fetchUnits({ item, units }: { item: Item; units: number }): Promise<number> {
    const known = this.#asking.get(item.sku);
    if (known) return known;
    if (this.#deps.clock.monotonicMs() < (this.#emptyUntilMs.get(item.sku) ?? 0)) return Promise.resolve(0);
    const asking = this.#askAround(item.sku, units).finally(() => this.#asking.delete(item.sku));
    this.#asking.set(item.sku, asking);
    return asking;
  }

  async #askAround(sku: string, wanted: number): Promise<number> {
    const { shardId, count, neighbour, log } = this.#deps;
    let came = 0;
    // From the next one on, so that not all shards ask the same one first.
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
        // What it may have given it offers again by itself.
        log.warn({ shard: other, error: String(error) }, 'a shard could not be asked for units');
      }
    }
    if (came === 0) this.#emptyUntilMs.set(sku, this.#deps.clock.monotonicMs() + SHARD_EMPTY_MS);
    return came;
  }
}
