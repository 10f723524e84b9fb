/** The database of one drop in its Durable Object: commits on the spot, reads its own rows, and says what it has told the Workers. */
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
  /** For the names of its rows (ids.ts). */
  readonly generationOf: GenerationOf;
  /** Null before the drop is made. `known` is what the reader has of the filter of keys. */
  published(known: KeyPosition | null): Published | null;
  /** How the shard stands, not to refuse by. Null before the drop is made. */
  shardState(): ShardState | null;
  /** Commits a restock on the spot, and what `also` writes with it; where it is refused, neither. */
  commitWith(command: Restock, also: () => void): Outcome<Restock>;
  /** Sets the alarm for what is to be done next, where it is not set as early already. */
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
  /** When there is something to do, seen from within a commit; null: nothing but holds and refunds. */
  nextWorkAt: (now: number, headSeq: number) => number | null;
  /** For the status. */
  catalogueEventsBehind: () => number;
  /** The storage refused a value of a command, which had no effect. */
  onFailedCommand: (command: Command['kind'], reason: string) => void;
  /** The storage has failed: nothing here may be believed any more. */
  onFault: (error: unknown) => void;
}

/** A published state that Workers refuse by. */
interface Told {
  /** Undefined where it is not known, because it was published before the object woke. */
  drop: Drop | undefined;
  /** Epoch milliseconds. */
  until: number;
}

/** Set while a Worker may refuse by a published state: an object that wakes no longer has the state itself. */
const refusesKey = 'refuses';

/** Of several times, some of which may never be. */
export function earliest(...times: (number | null | undefined)[]): number | null {
  const set = times.filter((time) => typeof time === 'number');
  return set.length === 0 ? null : Math.min(...set);
}

/** The tables must be there. */
export function openObjectDatabase(deps: ObjectDatabaseDeps): ObjectDatabase {
  const { storage, alarm, clock, onFault } = deps;
  const db = drizzle(storage, { schema });
  const nextHoldExpiresAt = (): number | null => orderReads(db).nextHoldExpiresAt();
  const rows = rowsOfObject(storage);
  /** Epoch milliseconds. Failed work is still due: without a pause the alarm would fire continuously. */
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
  let told: Told[] = isRefusalKept ? [{ drop: undefined, until: clock.now() + PUBLISHED_AGE_MS }] : [];
  /** Notes that a Worker may refuse by `current` from now on; a row is written only when this begins or ends. */
  const noteTold = (current: Drop, refuses: boolean, now: number): void => {
    told = told.filter(({ drop, until }) => until > now && !(refuses && drop === current));
    if (refuses) told.push({ drop: current, until: now + PUBLISHED_AGE_MS });
    const mayRefuse = told.length > 0;
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
    // Fuller, it would take too many absent keys for present: made anew when it is next needed.
    if (keys.room === 0) keys = null;
  };

  /**
   * Milliseconds until nobody refuses this hold by what he was told. A hold that is placed before that could be retried
   * at a Worker that still says sold out, and the retry must find it. What is refused here too waits for nothing.
   */
  const leaseMs = ({ itemId, quantity }: PlaceHold): number => {
    const now = clock.now();
    const isRefusedBy = (one: Drop | undefined): boolean => {
      const item = one?.items.find(({ id }) => id === itemId);
      return !one || !item || refusalOf(one, item, quantity, now) !== null;
    };
    if (isRefusedBy(dropHere()) && !hasDueHold(now)) return 0;
    told = told.filter(({ until }) => until > now);
    return Math.max(0, ...told.filter((one) => isRefusedBy(one.drop)).map(({ until }) => until - now));
  };

  const commit = <C extends Command>(command: C, also?: () => void): Outcome<C> => {
    if (command.kind === 'runStatements') throw new Error('An object takes Commands, and no SQL of others.');
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
    // The platform holds every answer back until what it speaks of is on several disks: FULL is what that is here.
    status: () => ({ ...immediateStatus, catalogueEventsBehind: deps.catalogueEventsBehind() }),
    // The platform refuses by itself what an object can't take.
    isFull: () => false,
    metrics,
    // An object is billed for each row that it reads: its orders are counted by an audit, not by every scrape.
    tallies: async () => null,
    async certify(dropId) {
      return certify(rows, clock.now(), dropId)[0] ?? null;
    },
    exportOrders(dropId) {
      return textStream(ordersCsv(rows, dropId, deps.shownIds(dropId)));
    },
    published(known) {
      const now = clock.now();
      // An alarm that is late must not let units look sold that are free.
      for (let released = 1; released > 0 && hasDueHold(now); ) {
        const outcome = commit({ kind: 'releaseDue', orders: RELEASE_SWEEP_ORDERS });
        released = outcome.kind === 'released_due' ? outcome.orders : 0;
      }
      const current = dropHere();
      if (!current) return null;
      const refusesSomething = current.items.some((item) => refusalOf(current, item, 1, now) !== null);
      const keysNow = refusesSomething ? publishedKeys() : null;
      // Without keys a Worker refuses nothing by it.
      noteTold(current, keysNow !== null, now);
      return { ...stateOf(current), keys: keysNow?.newsFor(known) ?? null };
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
