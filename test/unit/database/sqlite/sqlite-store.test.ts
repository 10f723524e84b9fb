/** The whole store with its writer thread: the promise of an answer, and a lost writer. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { items } from '../../../../drizzle/schema.ts';
import { type OwnDatabase, openShopDatabase } from '../../../../src/database/sqlite/open-database.ts';
import { openReader, openWriter } from '../../../../src/split/connection.ts';
import { systemClock } from '../../../../src/split/system-clock.ts';
import { createDrop, placeHold } from '../../../support/commands.ts';
import { mustSkip } from '../../../support/loud-skip.ts';
import { patienceMs } from '../../../support/patience.ts';
import { migratedFile, settingsFor } from '../../../support/scratch-store.ts';

const queue = { queueMax: 1_000, deadlineMs: patienceMs, batchMax: 100 };
const presentation = { dropId: String, drop: (drop: unknown) => drop };
const closeDeadlineMs = 2_000;

interface Opened {
  store: OwnDatabase;
  file: string;
  faults: string[];
}

async function open(onFailedCommand?: (command: string, reason: string) => void): Promise<Opened> {
  const file = migratedFile();
  const faults: string[] = [];
  const settings = {
    connection: settingsFor(file),
    queue,
    readersMax: 4,
    backups: { folder: '/nowhere', keep: 1 },
    warmUpHolds: 0,
    secretKey: 'a key',
  };
  const store = await openShopDatabase(
    settings,
    presentation,
    systemClock,
    (reason) => faults.push(reason),
    undefined,
    onFailedCommand,
  );
  return { store, file, faults };
}

/** Creates a drop that is live by the writer's clock; returns its key and its item's. */
async function makeDrop({ submit }: OwnDatabase, slug: string): Promise<{ dropId: number; itemId: number }> {
  const outcome = await submit(createDrop({ slug, startsAt: 0 }));
  const drop = outcome.kind === 'drop_saved' ? outcome.drop : undefined;
  return { dropId: drop?.id ?? 0, itemId: drop?.items[0]?.id ?? 0 };
}

function readOnce<Row>(file: string, text: string): Row[] {
  const reader = openReader(settingsFor(file));
  const rows = reader.prepare<[], Row>(text).all();
  reader.close();
  return rows;
}

describe('a live store', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(async () => {
    await opened.store.close(closeDeadlineMs);
    expect(opened.faults).toEqual([]);
  });

  test('answers after the commit: another connection sees the order, and so does the snapshot', async () => {
    const { store, file } = opened;
    const { dropId, itemId } = await makeDrop(store, 'acknowledged');
    for (let placed = 1; placed <= 5; placed++) {
      const { kind } = await store.submit(placeHold(`buyer ${placed}`, { itemId }));
      const rows = readOnce(file, `select id from orders where drop_id = ${dropId}`);
      const held = store.snapshot.get(dropId)?.items[0]?.held;
      expect([kind, rows.length, held]).toEqual(['held', placed, placed]);
    }
  });

  test('answers each caller with its own outcome, however many share a commit', async () => {
    const { store } = opened;
    const { itemId } = await makeDrop(store, 'crowded');
    const names = Array.from({ length: 200 }, (_, index) => `buyer ${index}`);
    const outcomes = await Promise.all(names.map((name) => store.submit(placeHold(name, { itemId }))));
    const held = outcomes.flatMap((outcome, index) =>
      outcome.kind === 'held' ? [[outcome.order.email, `${names[index]}@example.com`]] : [],
    );
    expect(held).toHaveLength(5);
    for (const [email, asked] of held) expect(email).toBe(asked);
    expect(outcomes.filter(({ kind }) => kind === 'sold_out')).toHaveLength(195);
  });

  test('shows an operator’s own SQL in the snapshot with its answer', async () => {
    const { store } = opened;
    const { dropId, itemId } = await makeDrop(store, 'restocked');
    await store.update(items).set({ stock: 77 }).where(eq(items.id, itemId));
    expect(store.snapshot.get(dropId)?.items[0]?.stock).toBe(77);
    expect((await store.select().from(items).where(eq(items.id, itemId)).get())?.stock).toBe(77);
    await store.submit(placeHold('ann', { itemId, quantity: 70 }));
    expect(store.snapshot.get(dropId)?.items[0]).toMatchObject({ stock: 77, held: 70 });
  });

  test('passes values on unchanged, bytes too', async () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    const db = opened.store;
    const values = db.values(sql`select ${bytes}, ${2 ** 53 - 1}, ${null}, ${'ä\u0000b'}`);
    // A batch goes to the writer, whatever it contains.
    expect(await db.batch([values])).toEqual([[[bytes, 2 ** 53 - 1, null, 'ä\u0000b']]]);
  });

  test('runs synchronous FULL on the writer and on its readers', async () => {
    const db = opened.store;
    const settings = sql`select synchronous, query_only from pragma_synchronous, pragma_query_only`;
    expect(await db.batch([db.values(settings)])).toEqual([[[2, 0]]]);
    const level = { synchronous: sql<number>`synchronous`, queryOnly: sql<number>`query_only` };
    const [reader] = await db.select(level).from(sql`pragma_synchronous, pragma_query_only`);
    expect(reader).toEqual({ synchronous: 2, queryOnly: 1 });
    expect(db.status()).toMatchObject({ isReady: true, synchronous: 'FULL' });
  });
});

const descriptors = '/proc/self/fd';
const mustSkipDescriptors = mustSkip(
  existsSync(descriptors),
  'which connections a store has open',
  'It needs Linux, which lists them.',
);

test.skipIf(mustSkipDescriptors)('all connections are open before orders are accepted', async () => {
  const { store, file } = await open();
  const targets = readdirSync(descriptors).map((name) => {
    try {
      return readlinkSync(`${descriptors}/${name}`);
    } catch {
      // The descriptor of the folder itself, which is closed by now.
      return null;
    }
  });
  // The writer, the copying thread, and a reader: a later one might open another file at that path.
  expect(targets.filter((target) => target === file)).toHaveLength(3);
  await store.close(closeDeadlineMs);
});

test('a command that the database refuses fails alone, is reported, and the store continues', async () => {
  const failed: string[] = [];
  const { store, file, faults } = await open((command, reason) => failed.push(`${command}: ${reason}`));
  const { submit, status } = store;
  await makeDrop(store, 'drop');
  // No route accepts such a quantity.
  const poison = placeHold('eve', { quantity: -1 });
  const together = await Promise.all([submit(placeHold('bob')), submit(poison), submit(placeHold('zoe'))]);
  const reason = 'CHECK constraint failed: orders_units';
  expect(together).toEqual([
    expect.objectContaining({ kind: 'held' }),
    { kind: 'command_failed', reason },
    expect.objectContaining({ kind: 'held' }),
  ]);
  expect(failed).toEqual([`placeHold: ${reason}`]);
  expect(store.metrics.state().counters.stampede_commands_total['placeHold command_failed']).toBe(1);
  expect(store.snapshot.drops()).toMatchObject([{ items: [{ held: 2 }] }]);
  expect((await submit(placeHold('late'))).kind).toBe('held');
  expect(status().isReady).toBe(true);
  await store.close(closeDeadlineMs);
  expect(faults).toEqual([]);
  expect(readOnce(file, 'select count(*) as orders from orders')).toEqual([{ orders: 3 }]);
});

test('a database failure during a batch keeps acknowledged orders, and nothing of the batch', async () => {
  const { store, file, faults } = await open();
  const { submit, status } = store;
  await makeDrop(store, 'drop');
  expect((await submit(placeHold('ann'))).kind).toBe('held');
  const other = openWriter(settingsFor(file));
  // An SQL error that is not about a value.
  other.exec(
    `create trigger broken after insert on orders when new.customer = 'eve' begin select json('no json'); end`,
  );
  other.close();
  const together = await Promise.all(['bob', 'eve', 'zoe'].map((customer) => submit(placeHold(customer))));
  // Bob's hold has a commit of its own if this thread was paused after it.
  const isAlone = together[0]?.kind === 'held';
  const unknown = { kind: 'outcome_unknown' };
  expect(together.slice(isAlone ? 1 : 0)).toEqual(isAlone ? [unknown, unknown] : [unknown, unknown, unknown]);
  expect(await submit(placeHold('late'))).toEqual({ kind: 'stopping' });
  expect(status().isReady).toBe(false);
  await store.close(closeDeadlineMs);
  expect(faults).toEqual(['SQLITE_ERROR: malformed JSON']);
  const kept = ['ann', ...(isAlone ? ['bob'] : [])];
  expect(readOnce(file, 'select customer from orders')).toEqual(kept.map((customer) => ({ customer })));
  expect(readOnce(file, 'select held from items')).toEqual([{ held: kept.length }]);
});

test('a close answers accepted commands, refuses later ones, and leaves one file', async () => {
  const { store, file, faults } = await open();
  await makeDrop(store, 'drop');
  const names = Array.from({ length: 50 }, (_, index) => `buyer ${index}`);
  const accepted = Promise.all(names.map((name) => store.submit(placeHold(name))));
  const closed = store.close(closeDeadlineMs);
  expect(await store.submit(placeHold('late'))).toEqual({ kind: 'stopping' });
  const kinds = new Set((await accepted).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['held', 'sold_out']));
  await closed;
  expect(['', '-wal', '-shm'].map((suffix) => existsSync(file + suffix))).toEqual([true, false, false]);
  expect(faults).toEqual([]);
});
