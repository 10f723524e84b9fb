/** A full disk, as the queue, the links and the committer report it: no effect, no hanging call. */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitShopCommands } from '../../../../src/database/sqlite/shop-commands.ts';
import { openWriter } from '../../../../src/split/connection.ts';
import { DiskFullError } from '../../../../src/split/disk-full.ts';
import { WriterLinks } from '../../../../src/split/writer-links.ts';
import { createDrop, noon, placeHold } from '../../../support/commands.ts';
import { namesIn, QueueUnderTest, stopping, turn } from '../../../support/queue-under-test.ts';
import { ScratchStore } from '../../../support/scratch-store.ts';

const diskFull = { kind: 'disk_full' };

const noEvents = { onBatch: () => undefined, onStep: () => undefined, onClose: () => undefined };

describe('the queue', () => {
  let writer: QueueUnderTest;
  beforeEach(() => {
    writer = new QueueUnderTest();
  });

  test('refuses queued and new commands, and leaves those in flight to the writer', async () => {
    const atWriter = writer.submitAll('a');
    await turn();
    const others = writer.submitAll('b', 'c');
    writer.queue.setSpace(false);
    const late = writer.submitAll('d');
    await turn();
    expect([...others.values(), ...late.values()]).toEqual([diskFull, diskFull, diskFull]);
    expect(atWriter.size).toBe(0);
    writer.queue.refuseBatch('disk_full');
    await turn();
    expect([...atWriter]).toEqual([['a', diskFull]]);
  });

  test('continues once there is space again', async () => {
    writer.submitAll('a');
    await turn();
    writer.queue.setSpace(false);
    writer.queue.refuseBatch('disk_full');
    writer.queue.setSpace(true);
    writer.submitAll('b');
    await turn();
    expect(writer.posted.map(namesIn)).toEqual([['a'], ['b']]);
  });

  test('can be cleared meanwhile', async () => {
    writer.submitAll('a', 'b');
    await turn();
    writer.queue.setSpace(false);
    const drained = writer.queue.drain();
    writer.queue.refuseBatch('disk_full');
    await expect(drained).resolves.toBeUndefined();
    expect(await writer.queue.submit(placeHold('late'))).toEqual(stopping);
  });
});

describe('the links', () => {
  const ports: MessageChannel[] = [];
  afterEach(() => {
    for (const { port1, port2 } of ports.splice(0)) {
      port1.close();
      port2.close();
    }
  });

  const attach = (links: WriterLinks<unknown, unknown, unknown>): MessageChannel => {
    const channel = new MessageChannel();
    ports.push(channel);
    links.attach(channel.port1, null);
    return channel;
  };
  const received = ({ port2 }: MessageChannel): unknown[] => {
    const messages: unknown[] = [];
    for (let next = receiveMessageOnPort(port2); next; next = receiveMessageOnPort(port2)) {
      messages.push(JSON.parse(String(next.message)));
    }
    return messages.slice(1);
  };

  test('notify all links, and links opened later', () => {
    const links = new WriterLinks(new SharedArrayBuffer(4), noEvents);
    const early = attach(links);
    links.setSpace(false);
    links.refuse([{ port: early.port1, commands: [] }], 'disk_full');
    const late = attach(links);
    const full = { kind: 'space', hasSpace: false };
    expect(received(early)).toEqual([full, { kind: 'refused', why: 'disk_full' }]);
    expect(received(late)).toEqual([full]);
  });
});

describe('the committer', () => {
  /** No page may be added from now on: SQLite then answers as on a full disk. */
  const fill = (store: ScratchStore): void => {
    store.writer.pragma(`max_page_count = ${store.writer.pragma('page_count', { simple: true })}`);
  };
  const manyHolds = Array.from({ length: 300 }, (_, index) => placeHold(`buyer ${index}`));

  test('changes nothing on a full disk, and continues once there is space', () => {
    using store = new ScratchStore();
    store.run(createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 1_000 }] }), noon);
    fill(store);
    expect(() => store.runBatch(manyHolds, noon)).toThrow(DiskFullError);
    expect(store.writer.inTransaction).toBe(false);
    expect(store.rows('select * from orders')).toEqual([]);
    expect(store.committer.hasSpace()).toBe(true);
    store.writer.pragma('max_page_count = 1000000');
    expect(store.runBatch(manyHolds, noon).outcomes.every(({ kind }) => kind === 'held')).toBe(true);
  });

  test('still observes a commit of another process after a transaction that was rolled back', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    const foreign = openWriter(store.settings);
    commitShopCommands(foreign).commit([placeHold('somebody else')], noon);
    foreign.close();
    const transaction = store.committer.begin(noon);
    transaction.run([{ sql: 'select stock from items', params: [], method: 'all' }]);
    transaction.rollBack();
    expect(store.committer.foreignUpdate()?.changes).toMatchObject([
      { kind: 'catalogue', drops: [{ items: [{ held: 1 }] }] },
    ]);
  });

  test('still observes a commit of another process after a full disk', () => {
    using store = new ScratchStore();
    store.run(createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 1_000 }] }), noon);
    const foreign = openWriter(store.settings);
    commitShopCommands(foreign).commit([placeHold('somebody else')], noon);
    foreign.close();
    fill(store);
    expect(() => store.runBatch(manyHolds, noon)).toThrow(DiskFullError);
    store.writer.pragma('max_page_count = 1000000');
    // It would stand on the previous link, which the log refuses.
    expect(store.runBatch([placeHold('ann')], noon).update.changes).toMatchObject([{ kind: 'catalogue' }]);
    expect(store.rows('select count(*) as count from orders')).toEqual([{ count: 2 }]);
  });
});
