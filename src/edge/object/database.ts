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
import { firstRow } from '../../database/row-source.ts';
import { immediateStatus, type ShopDatabase } from '../../database/shop-database.ts';
import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import type { Command, PlaceHold, Restock } from '../../domain/command.ts';
import { type Drop, refusalOf } from '../../domain/drop.ts';
import type { GenerationOf } from '../../domain/generation.ts';
import type { Outcome } from '../../domain/outcome.ts';
import {
  FAILED_COMMAND_REST_MS,
  PUBLISHED_AGE_MS,
  PUBLISHED_KEYS_MAX,
  RELEASE_SWEEP_ORDERS,
} from '../../limits.ts';
import { labelSeparator, Metrics } from '../../metrics.ts';
import type { Clock } from '../../split/clock.ts';
import { KeyFilter, type KeyPosition } from '../key-filter.ts';
import type { Published, ShardState } from '../published.ts';
import type { ObjectAlarm } from './alarm.ts';
import { createObjectCommitter } from './committer.ts';
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

/** A published state that Workers may refuse by. */
interface PublishedState {
  /** Undefined where it is unknown, because it was published before the object woke. */
  drop: Drop | undefined;
  /** Epoch milliseconds. */
  until: number;
}

/**
 * Set while Workers may refuse by a published state: an object that wakes no longer knows that
 * state.
 */
const refusesKey = 'refuses';

/** Returns the earliest time; null where none is set. */
export function earliest(...times: (number | null | undefined)[]): number | null {
  const set = times.filter((time) => typeof time === 'number');
  return set.length === 0 ? null : Math.min(...set);
}

/** Opens the database, whose tables must exist. */
export function openObjectDatabase(deps: ObjectDatabaseDeps): ObjectDatabase {
  const { storage, alarm, clock, onFault } = deps;
  const db = drizzle(storage, { schema });
  const nextHoldExpiresAt = (): number | null => orderReads(db).nextHoldExpiresAt();
  const rows = rowsOfObject(storage);
  /**
   * Epoch milliseconds. Failed work stays due: without a pause the alarm would fire continuously.
   */
  let restsUntil = 0;
  const ringByNextWork = (now: number, headSeq: number): void => {
    const next = earliest(nextHoldExpiresAt(), moneyReads(db).nextRefundAt(), deps.nextWorkAt(now, headSeq));
    alarm.ringBy(next === null ? null : Math.max(next, restsUntil));
  };
  const generation = nextGeneration(db);
  const committer = createObjectCommitter(storage, db, deps.keys, generation, ringByNextWork);
  const snapshot = new Snapshot(deps.presentation);
  snapshot.apply(committer.catalogue());
  ringByNextWork(clock.now(), committer.headSeq());
  const hasDueHold = (now: number): boolean => (nextHoldExpiresAt() ?? Number.POSITIVE_INFINITY) <= now;
  const dropHere = (): Drop | undefined => snapshot.drops()[0];

  const metrics = new Metrics();
  let keys: { filter: KeyFilter; room: number } | null = null;
  let isRefusalKept = storage.kv.get<boolean>(refusesKey) ?? false;
  let publishedState: PublishedState[] = isRefusalKept
    ? [{ drop: undefined, until: clock.now() + PUBLISHED_AGE_MS }]
    : [];
  /**
   * Records that Workers may refuse by `current` from now on; writes a row only when this begins or
   * ends.
   */
  const notePublished = (current: Drop, refuses: boolean, now: number): void => {
    publishedState = publishedState.filter(
      ({ drop, until }) => until > now && !(refuses && drop === current),
    );
    if (refuses) publishedState.push({ drop: current, until: now + PUBLISHED_AGE_MS });
    const mayRefuse = publishedState.length > 0;
    if (mayRefuse !== isRefusalKept) storage.kv.put(refusesKey, mayRefuse);
    isRefusalKept = mayRefuse;
  };

  const publishedKeys = (): KeyFilter | null => {
    if (keys) return keys.filter;
    const counted = rows.query<{ orders: number }>('select count(*) as orders from orders')();
    const orders = firstRow(counted)?.orders ?? 0;
    if (orders > PUBLISHED_KEYS_MAX) return null;
    const room = Math.ceil(orders / 2) + 100;
    const filter = KeyFilter.empty(orders + room);
    const placed = rows.query<{ customer: string; key: string }>(
      'select customer, idempotency_key as key from orders where idempotency_key is not null',
    );
    for (const { customer, key } of placed()) filter.add(customer, key);
    keys = { filter, room };
    return filter;
  };
  const noteKey = ({ customer, idempotencyKey }: PlaceHold): void => {
    if (!keys || idempotencyKey === null) return;
    keys.filter.add(customer, idempotencyKey);
    keys.room -= 1;
    // A fuller filter has too many false positives, so rebuild it when it is next needed.
    if (keys.room === 0) keys = null;
  };

  /**
   * Milliseconds until every published state that would refuse this hold has expired. A Worker
   * could still answer the retry of an earlier hold with "sold out", and the retry must find its
   * order. A hold that is refused here too does not wait.
   */
  const leaseMs = ({ items }: PlaceHold): number => {
    const now = clock.now();
    const isRefusedBy = (one: Drop | undefined): boolean => {
      const wanted = items.flatMap(({ itemId, quantity }) => {
        const item = one?.items.find(({ id }) => id === itemId);
        return item ? [{ item, quantity }] : [];
      });
      return !one || wanted.length < items.length || refusalOf(one, wanted, now) !== null;
    };
    if (isRefusedBy(dropHere()) && !hasDueHold(now)) return 0;
    publishedState = publishedState.filter(({ until }) => until > now);
    return Math.max(
      0,
      ...publishedState.filter((one) => isRefusedBy(one.drop)).map(({ until }) => until - now),
    );
  };

  const commit = <C extends Command>(command: C, also?: () => void): Outcome<C> => {
    if (command.kind === 'runStatements') throw new Error('An object accepts commands only, no SQL.');
    try {
      const { outcome, changes } = committer.commit(command, clock.now(), also);
      metrics.observe('stampede_batch_commands', 1);
      metrics.count('stampede_commands_total', command.kind + labelSeparator + outcome.kind);
      for (const change of changes) snapshot.apply(change);
      if (outcome.kind === 'command_failed') {
        restsUntil = clock.now() + FAILED_COMMAND_REST_MS;
        deps.onFailedCommand(command.kind, outcome.reason);
      }
      if (command.kind === 'placeHold' && outcome.kind === 'held' && !outcome.replayed) noteKey(command);
      return outcome as Outcome<C>;
    } catch (error) {
      onFault(error);
      return { kind: 'outcome_unknown' };
    }
  };

  const stateOf = (current: Drop): ShardState => ({
    drop: current,
    shards: deps.shards,
    seq: committer.headSeq(),
    nextHoldExpiresAt: nextHoldExpiresAt(),
  });

  return {
    snapshot,
    ...readsOf(db),
    generationOf: createGenerationOf(db, generation),
    async submit(command) {
      if (command.kind === 'placeHold') {
        for (let waitMs = leaseMs(command); waitMs > 0; waitMs = leaseMs(command)) {
          await new Promise<void>((resolve) => clock.after(waitMs, resolve));
        }
      }
      return commit(command);
    },
    // The platform holds back each answer until its writes are on several disks, which equals FULL.
    status: () => ({ ...immediateStatus, catalogueEventsBehind: deps.catalogueEventsBehind() }),
    // The platform itself rejects writes beyond an object's limit.
    isFull: () => false,
    metrics,
    // Row reads are billed per object, so an audit counts the orders and a scrape does not.
    tallies: async () => null,
    async certify(dropId) {
      return certify(rows, clock.now(), dropId)[0] ?? null;
    },
    exportOrders(dropId) {
      return textStream(ordersCsv(rows, dropId, deps.shownIds(dropId)));
    },
    published(known) {
      const now = clock.now();
      // A late alarm must not make free units appear sold.
      for (let released = 1; released > 0 && hasDueHold(now); ) {
        const outcome = commit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
        released = outcome.kind === 'released_due' ? outcome.orders : 0;
      }
      const current = dropHere();
      if (!current) return null;
      const refusesSomething = current.items.some(
        (item) => refusalOf(current, [{ item, quantity: 1 }], now) !== null,
      );
      const keysNow = refusesSomething ? publishedKeys() : null;
      // Without keys, a Worker refuses nothing by this state.
      notePublished(current, keysNow !== null, now);
      return { ...stateOf(current), keys: keysNow?.updateFor(known) ?? null };
    },
    shardState() {
      const current = dropHere();
      return current ? stateOf(current) : null;
    },
    commitWith: commit,
    lastSeq: () => committer.headSeq(),
    ringByNextWork: () => ringByNextWork(clock.now(), committer.headSeq()),
  };
}
