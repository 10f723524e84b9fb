/** The writer's queue: which commands share a batch, in which order, and how many may wait. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { createDrop, placeHold, recordPayment } from '../../support/commands.ts';
import {
  namesIn,
  overloaded,
  QueueUnderTest,
  soldOut,
  turn,
  unknown,
} from '../../support/queue-under-test.ts';

let writer: QueueUnderTest;
beforeEach(() => {
  writer = new QueueUnderTest();
});

describe('batches', () => {
  test('the first batch holds the commands of one event-loop turn, the next those submitted meanwhile', async () => {
    writer.submitAll('a', 'b');
    await turn();
    writer.submitAll('c');
    await turn();
    writer.submitAll('d');
    await turn();
    expect(writer.posted.map(namesIn)).toEqual([['a', 'b']]);
    await writer.settle();
    expect(writer.posted.map(namesIn)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('a long turn does not delay the batch beyond its deadline', () => {
    writer.submitAll('a');
    writer.clock.advance(9);
    writer.submitAll('b');
    expect(writer.posted).toEqual([]);
    writer.clock.advance(1);
    writer.submitAll('c');
    expect(writer.posted.map(namesIn)).toEqual([['a', 'b', 'c']]);
  });

  test('a read in a long turn also posts an overdue batch', () => {
    writer.submitAll('a');
    writer.queue.flushOverdue();
    expect(writer.posted).toEqual([]);
    writer.clock.advance(10);
    writer.queue.flushOverdue();
    writer.queue.flushOverdue();
    expect(writer.posted.map(namesIn)).toEqual([['a']]);
  });

  test('one batch is at the writer at a time, and none where nothing waits', async () => {
    writer.submitAll('a');
    await turn();
    await writer.settle();
    expect(writer.posted).toHaveLength(1);
    writer.submitAll('b');
    await turn();
    expect(writer.posted).toHaveLength(2);
  });

  test('a batch has at most batchMax commands, first come, first served', async () => {
    const reported = writer.submitAll('a', 'b', 'c', 'd');
    await turn();
    expect(writer.posted.map(namesIn)).toEqual([['a', 'b', 'c']]);
    expect(writer.queue.depth().holds).toBe(1);
    await writer.settle();
    expect(namesIn(writer.posted[1])).toEqual(['d']);
    await writer.settle();
    expect([...reported.keys()]).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a batch that met another program’s lock is refused as retryable, and the next one goes on', async () => {
    const reported = writer.submitAll('a');
    await turn();
    writer.queue.refuseBatch('busy');
    writer.submitAll('b');
    await turn();
    expect(reported.get('a')).toEqual(overloaded);
    expect(writer.posted.map(namesIn)).toEqual([['a'], ['b']]);
  });

  test('each caller gets its own outcome', async () => {
    const reported = writer.submitAll('a', 'b');
    await turn();
    await writer.settle([{ kind: 'paused' }, { kind: 'ended' }]);
    expect([...reported]).toEqual([
      ['a', { kind: 'paused' }],
      ['b', { kind: 'ended' }],
    ]);
  });

  test('a missing outcome is reported as unknown', async () => {
    const reported = writer.submitAll('a', 'b');
    await turn();
    await writer.settle([soldOut]);
    expect([...reported.values()]).toEqual([soldOut, unknown]);
  });

  test('thousands of commands keep their order', async () => {
    writer = new QueueUnderTest({ queueMax: 5_000, batchMax: 700 });
    const names = Array.from({ length: 5_000 }, (_, index) => `${index}`);
    writer.submitAll(...names);
    await turn();
    while (Object.values(writer.queue.depth()).some((waiting) => waiting > 0)) await writer.settle();
    expect(writer.posted.flatMap(namesIn)).toEqual(names);
  });
});

describe('priorities', () => {
  test('payments go first, then releases, then operators, then buyers, then lost links', async () => {
    writer.submitAll('first');
    await turn();
    const queued: Command[] = [
      { kind: 'requestLinks', recipient: 'ann' },
      placeHold('a'),
      createDrop(),
      { kind: 'runStatements', statements: [] },
      { kind: 'releaseDue', orders: 1 },
      recordPayment(1),
      { kind: 'cancelOrder', orderId: 1 },
    ];
    for (const command of queued) void writer.queue.submit(command);
    expect(writer.queue.depth()).toEqual({ payments: 1, releases: 2, operator: 2, holds: 1, links: 1 });
    for (let batch = 0; batch < 3; batch += 1) await writer.settle();
    expect(writer.posted.slice(1).flatMap((batch) => namesIn(batch))).toEqual([
      'recordPayment',
      'releaseDue',
      'cancelOrder',
      'createDrop',
      'runStatements',
      'a',
      'requestLinks',
    ]);
  });

  test('each priority has its own bound: buyers cannot fill the queue of payments', async () => {
    writer.submitAll('at the writer');
    await turn();
    const reported = writer.submitAll('a', 'b', 'c', 'd', 'too many');
    await turn();
    expect([...reported]).toEqual([['too many', overloaded]]);
    const paid = writer.queue.submit(recordPayment(1));
    expect(writer.queue.depth()).toEqual({ payments: 1, releases: 0, operator: 0, holds: 4, links: 0 });
    await writer.settle();
    expect(namesIn(writer.posted[1])).toEqual(['recordPayment', 'a', 'b']);
    await writer.settle();
    await expect(paid).resolves.toEqual(soldOut);
  });

  test('a full priority accepts commands again once its queue is processed', async () => {
    writer.submitAll('at the writer');
    await turn();
    writer.submitAll('a', 'b', 'c', 'd');
    await writer.settle();
    const reported = writer.submitAll('e');
    await turn();
    expect(reported.size).toBe(0);
  });
});
