/**
 * The database of one drop in its Durable Object: commits, reads its rows, and tracks what it has
 * published to Workers.
 */
import { drizzle } from 'drizzle-orm/durable-sqlite';
import * as schema from '../../../drizzle/schema.ts';
import type { KeySteps } from '../../commands/new-keys.ts';
import { certify } from '../../database/audit/certificate.ts';
import { createGenerationOf, nextGeneration } from '../../database/generations.ts';
import { moneyReads } from '../../database/money-reads.ts';
import { orderReads } from '../../database/order-reads.ts';
import { ordersCsv, type ShownIds } from '../../database/orders-csv.ts';
import { readsOf } from '../../database/read-database.ts';
import type { RowSource } from '../../database/row-source.ts';
import { immediateStatus, type ShopDatabase } from '../../database/shop-database.ts';
import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import type { SyncDatabase } from '../../database/sync-database.ts';
import type { Command, Restock } from '../../domain/command.ts';
import { type Drop, refusalOf } from '../../domain/drop.ts';
import type { GenerationOf } from '../../domain/generation.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { FAILED_COMMAND_REST_MS, RELEASE_SWEEP_ORDERS } from '../../limits.ts';
import { labelSeparator, Metrics } from '../../metrics.ts';
import type { Clock } from '../../split/clock.ts';
import type { KeyPosition } from '../key-filter.ts';
import type { Published, ShardState } from '../published.ts';
import type { ObjectAlarm } from './alarm.ts';
import { createObjectCommitter } from './committer.ts';
import { PublishedKeys } from './published-keys.ts';
import { RefusalLeases } from './refusal-leases.ts';
import { rowsOfObject } from './rows.ts';
import { textStream } from './text-stream.ts';

export interface ObjectDatabase extends ShopDatabase {
  /** For the public ids of its rows (ids.ts). */
  readonly generationOf: GenerationOf;
  /**
   * Publishes the shard's state; null before the drop is created. `known` is the reader's version
   * of the key filter.
   */
  published(known: KeyPosition | null): Published | null;
  /**
   * Returns the shard's state, which Workers must not refuse by. Null before the drop is created.
   */
  shardState(): ShardState | null;
  /** Commits a restock and the writes of `also`; if the restock is refused, neither. */
  commitWith(command: Restock, also: () => void): Outcome<Restock>;
  /** Sets the alarm for the next work, unless an earlier one is set. */
  ringByNextWork(): void;
}

export interface ObjectDatabaseDeps {
  storage: DurableObjectStorage;
  alarm: ObjectAlarm;
  clock: Clock;
  shards: number;
  keys: KeySteps;
  presentation: Presentation;
  shownIds: (dropId: number) => ShownIds;
  /**
   * When further work is due, as seen within a commit; null if there is none other than holds and
   * refunds.
   */
  nextWorkAt: (now: number, headSeq: number) => number | null;
  /** For the status. */
  catalogueEventsBehind: () => number;
  /** Called when the storage refused a value of a command, which had no effect. */
  onFailedCommand: (command: Command['kind'], reason: string) => void;
  /** Called when the storage failed: this object's memory can't be trusted any more. */
  onFault: (error: unknown) => void;
}

/** Returns the earliest time; null where none is set. */
export function earliest(...times: (number | null | undefined)[]): number | null {
  const set = times.filter((time) => typeof time === 'number');
  return set.length === 0 ? null : Math.min(...set);
}

type RowReads = Pick<ObjectDatabase, 'isFull' | 'tallies' | 'certify' | 'exportOrders'>;

const rowReads = (rows: RowSource, deps: ObjectDatabaseDeps): RowReads => ({
  // The platform itself rejects writes beyond an object's limit.
  isFull: () => false,
  // Row reads are billed per object, so an audit counts the orders and a scrape does not.
  tallies: async () => null,
  async certify(dropId) {
    return certify(rows, deps.clock.now(), dropId)[0] ?? null;
  },
  exportOrders(dropId) {
    return textStream(ordersCsv(rows, dropId, deps.shownIds(dropId)));
  },
});

/** Sets the alarm for the next work of an object. */
class WorkAlarm {
  readonly #deps: ObjectDatabaseDeps;
  readonly #db: SyncDatabase;
  /**
   * Epoch milliseconds. Failed work stays due: without a pause the alarm would fire continuously.
   */
  #restsUntil = 0;

  constructor(deps: ObjectDatabaseDeps, db: SyncDatabase) {
    this.#deps = deps;
    this.#db = db;
  }

  readonly ring = (now: number, headSeq: number): void => {
    const holdExpiresAt = orderReads(this.#db).nextHoldExpiresAt();
    const refundAt = moneyReads(this.#db).nextRefundAt();
    const next = earliest(holdExpiresAt, refundAt, this.#deps.nextWorkAt(now, headSeq));
    this.#deps.alarm.ringBy(next === null ? null : Math.max(next, this.#restsUntil));
  };

  rest(now: number): void {
    this.#restsUntil = now + FAILED_COMMAND_REST_MS;
  }
}

/** Whether Workers could refuse a hold by this state. */
const refusesSomething = (drop: Drop, now: number): boolean =>
  drop.items.some((item) => refusalOf(drop, [{ item, quantity: 1 }], now) !== null);

/** Opens the database, whose tables must exist. */
export function openObjectDatabase(deps: ObjectDatabaseDeps): ObjectDatabase {
  const { storage, clock, onFault } = deps;
  const db = drizzle(storage, { schema });
  const nextHoldExpiresAt = (): number | null => orderReads(db).nextHoldExpiresAt();
  const rows = rowsOfObject(storage);
  const alarm = new WorkAlarm(deps, db);
  const generation = nextGeneration(db);
  const committer = createObjectCommitter(storage, db, deps.keys, generation, alarm.ring);
  const snapshot = new Snapshot(deps.presentation);
  snapshot.apply(committer.catalogue());
  alarm.ring(clock.now(), committer.headSeq());
  const hasDueHold = (now: number): boolean => (nextHoldExpiresAt() ?? Number.POSITIVE_INFINITY) <= now;
  const dropHere = (): Drop | undefined => snapshot.drops()[0];

  const metrics = new Metrics();
  const keys = new PublishedKeys(rows);
  const leases = new RefusalLeases(storage.kv, clock, { drop: dropHere, hasDueHold });

  const commit = <C extends Command>(command: C, also?: () => void): Outcome<C> => {
    if (command.kind === 'runStatements') throw new Error('An object accepts commands only, no SQL.');
    try {
      const { outcome, changes } = committer.commit(command, clock.now(), also);
      metrics.observe('stampede_batch_commands', 1);
      metrics.count('stampede_commands_total', command.kind + labelSeparator + outcome.kind);
      for (const change of changes) snapshot.apply(change);
      if (outcome.kind === 'command_failed') {
        alarm.rest(clock.now());
        deps.onFailedCommand(command.kind, outcome.reason);
      }
      if (command.kind === 'placeHold' && outcome.kind === 'held' && !outcome.replayed) keys.add(command);
      return outcome as Outcome<C>;
    } catch (error) {
      onFault(error);
      return { kind: 'outcome_unknown' };
    }
  };

  const shardState = (): ShardState | null => {
    const drop = dropHere();
    if (!drop) return null;
    return { drop, shards: deps.shards, seq: committer.headSeq(), nextHoldExpiresAt: nextHoldExpiresAt() };
  };

  return {
    snapshot,
    ...readsOf(db),
    generationOf: createGenerationOf(db, generation),
    async submit(command) {
      if (command.kind === 'placeHold') await leases.end(command);
      return commit(command);
    },
    // The platform holds back each answer until its writes are on several disks, which equals FULL.
    status: () => ({ ...immediateStatus, catalogueEventsBehind: deps.catalogueEventsBehind() }),
    ...rowReads(rows, deps),
    metrics,
    published(known) {
      const now = clock.now();
      // A late alarm must not make free units appear sold.
      for (let released = 1; released > 0 && hasDueHold(now); ) {
        const outcome = commit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
        released = outcome.kind === 'released_due' ? outcome.orders : 0;
      }
      const state = shardState();
      if (!state) return null;
      const current = state.drop;
      const keysNow = refusesSomething(current, now) ? keys.filter() : null;
      // Without keys, a Worker refuses nothing by this state.
      leases.note(current, keysNow !== null, now);
      return { ...state, keys: keysNow?.updateFor(known) ?? null };
    },
    shardState,
    commitWith: commit,
    lastSeq: () => committer.headSeq(),
    ringByNextWork: () => alarm.ring(clock.now(), committer.headSeq()),
  };
}
