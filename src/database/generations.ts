/** Generations of names: random bits of each start, so that a lost row's name never returns. */
import { randomInt } from 'node:crypto';
import { desc, lte, max, sql } from 'drizzle-orm';
import { generations } from '../../drizzle/deployment.ts';
import { events } from '../../drizzle/log.ts';
import { orders, refunds } from '../../drizzle/schema.ts';
import type { GenerationOf } from '../domain/generation.ts';
import type { ReadDatabase } from './read-database.ts';
import type { SyncDatabase } from './sync-database.ts';

const BITS_END = 2 ** 24;

export interface Generation {
  /** The lowest key of an order or a refund, and the lowest event number, that it can issue. */
  firstKey: number;
  firstSeq: number;
  bits: number;
}

const columns = {
  firstKey: generations.firstKey,
  firstSeq: generations.firstSeq,
  bits: generations.bits,
};

const newestGeneration = (db: ReadDatabase): Generation | undefined =>
  db.select(columns).from(generations).orderBy(desc(generations.firstKey)).limit(1).get();

/**
 * The generation of a start, with new bits; stores nothing. The file may have lost its newest rows
 * since the last start, through a restore or a power failure. Their names have other bits.
 */
export function nextGeneration(db: ReadDatabase): Generation {
  const lastOf = (table: typeof orders | typeof refunds): number =>
    db
      .select({ key: max(table.id) })
      .from(table)
      .get()?.key ?? 0;
  const lastSeq =
    db
      .select({ seq: max(events.seq) })
      .from(events)
      .get()?.seq ?? 0;
  const newest = newestGeneration(db);
  // Replace a generation that has named no row and no event.
  const firstFree = newest === undefined ? 1 : newest.firstKey + Number(lastSeq >= newest.firstSeq);
  return {
    firstKey: Math.max(firstFree, lastOf(orders) + 1, lastOf(refunds) + 1),
    firstSeq: lastSeq + 1,
    bits: randomInt(BITS_END),
  };
}

/** Stores a generation, before or together with the first row that it names. */
export function keepGeneration(db: SyncDatabase, generation: Generation): void {
  const { firstSeq, bits } = generation;
  db.insert(generations)
    .values(generation)
    .onConflictDoUpdate({ target: generations.firstKey, set: { firstSeq, bits } })
    .run();
}

/** `current` is this start's generation, if not yet stored; default: the newest stored one. */
export function createGenerationOf(db: ReadDatabase, current = newestGeneration(db)): GenerationOf {
  const { firstKey, firstSeq, bits } = current ?? {
    firstKey: Number.POSITIVE_INFINITY,
    firstSeq: Number.POSITIVE_INFINITY,
    bits: 0,
  };
  const newestSince = (first: typeof generations.firstKey | typeof generations.firstSeq) =>
    db
      .select(columns)
      .from(generations)
      .where(lte(first, sql.placeholder('of')))
      .orderBy(desc(generations.firstKey))
      .limit(1)
      .prepare();
  const older = { key: newestSince(generations.firstKey), seq: newestSince(generations.firstSeq) };
  return (kind, of) => {
    const isCurrent = kind === 'key' ? of >= firstKey : of >= firstSeq;
    return isCurrent ? bits : (older[kind].get({ of })?.bits ?? 0);
  };
}
