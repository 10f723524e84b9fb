/** Several threads that share one writer: each reads what another has written. */
import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { DatabaseClosedError, openLinked } from '../../../src/split/open-split.ts';
import * as schema from './schema.ts';
import { items } from './schema.ts';
import { closeAll, openWithItems, type TestDb } from './split-under-test.ts';

interface LinkedThread {
  /** Resolves to the thread's answer to a work of linked-thread.ts. */
  ask(work: string, name?: string): Promise<unknown>;
  /** Starts a work without waiting. */
  begin(work: string, name: string): void;
}

const written = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
let threads: LinkedThread[] = [];
afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.ask('close')));
  threads = [];
  await closeAll();
});

function startThread(db: TestDb): LinkedThread {
  const link = db.link();
  const thread = new Worker(new URL('./linked-thread.ts', import.meta.url), {
    workerData: { link, written },
    transferList: [link.port],
  });
  const begin = (work: string, name = ''): void => thread.postMessage([work, name]);
  const started: LinkedThread = {
    begin,
    async ask(work, name) {
      begin(work, name);
      const [answer] = await once(thread, 'message');
      return answer;
    },
  };
  threads.push(started);
  return started;
}

describe('two more threads on one writer', () => {
  test('read what each of the others has written', async () => {
    const db = await openWithItems();
    const [one, other] = [startThread(db), startThread(db)];
    let rows = 0;
    for (let round = 1; round <= 10; round += 1) {
      await one.ask('insert', `a${round}`);
      expect([db.select().from(items).all().length, await other.ask('count')]).toEqual([rows + 1, rows + 1]);
      expect(await other.ask('command', `b${round}`)).toMatchObject({ name: `b${round}` });
      expect([db.select().from(items).all().length, await one.ask('count')]).toEqual([rows + 2, rows + 2]);
      await one.ask('transact', `c${round}`);
      await db.insert(items).values({ name: `d${round}` });
      rows += 4;
      expect([await one.ask('count'), await other.ask('countInParallel')]).toEqual([rows, rows]);
    }
    expect(await other.ask('commits')).toBeGreaterThanOrEqual(rows);
  });

  test('write at the same time, and each gets its own answer', async () => {
    const db = await openWithItems();
    const both = [startThread(db), startThread(db)];
    for (let round = 0; round < 50; round += 1) {
      const answers = await Promise.all([
        ...both.map((thread, index) => thread.ask('command', `${index}/${round}`)),
        db.command('add', { name: `here/${round}` }),
      ]);
      const names = [`0/${round}`, `1/${round}`, `here/${round}`];
      expect(answers).toMatchObject(names.map((name) => ({ name })));
    }
    expect(await db.$count(items)).toBe(150);
    expect(await both[0]?.ask('command', 'here/1')).toMatch(/UNIQUE constraint failed/);
  });

  test('see each other’s writes also in a turn that has read before', async () => {
    const db = await openWithItems();
    const thread = startThread(db);
    await thread.ask('insert', 'first');
    for (let round = 1; round <= 20; round += 1) {
      const before = Atomics.load(written, 0);
      const found = db.select().from(items).all().length;
      thread.begin('insert', String(round));
      // The event loop does not run here until the other thread has its answer.
      expect(Atomics.wait(written, 0, before, 10_000)).not.toBe('timed-out');
      expect(db.select().from(items).all().length).toBe(found);
      await null;
      expect(db.select().from(items).all().length).toBe(found + 1);
    }
  });
});

describe('openLinked', () => {
  test.each([
    [{ schema }, /link must be what db.link\(\) returned/],
    [{ link: { port: {} }, schema }, /link must be/],
    [{ link: new MessageChannel(), schema: null }, /openLinked: link must be/],
    [
      { link: { port: new MessageChannel().port1 }, schema, queueMax: 1 },
      /openLinked has no option queueMax/,
    ],
  ])('refuses invalid options: %#', async (options, text) => {
    await expect(openLinked(options as never)).rejects.toThrow(text);
  });

  test('is refused once the writer is closed', async () => {
    const db = await openWithItems();
    const link = { ...db.link(), port: new MessageChannel().port1 };
    await db.close();
    expect(() => db.link()).toThrow(DatabaseClosedError);
    const opening = openLinked({ link, schema });
    link.port.close();
    await expect(opening).rejects.toBeInstanceOf(DatabaseClosedError);
  });
});
