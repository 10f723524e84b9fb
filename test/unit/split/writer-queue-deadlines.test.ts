/** The writer's queue: an answer for every command, in time and whatever happens. */
import { beforeEach, describe, expect, test } from 'vitest';
import { priorities } from '../../../src/domain/priority.ts';
import { createDrop, placeHold, recordPayment } from '../../support/commands.ts';
import {
  namesIn,
  overloaded,
  QueueUnderTest,
  soldOut,
  stopping,
  turn,
  unknown,
} from '../../support/queue-under-test.ts';

let writer: QueueUnderTest;
beforeEach(() => {
  writer = new QueueUnderTest();
});

describe('deadlines', () => {
  test('a command that waits too long is refused and not executed', async () => {
    writer.submitAll('at the writer');
    await turn();
    const reported = writer.submitAll('early');
    writer.clock.advance(600);
    const later = writer.submitAll('late');
    writer.clock.advance(450);
    await turn();
    expect([...reported.values()]).toEqual([overloaded]);
    expect(later.size).toBe(0);
    await writer.settle();
    expect(namesIn(writer.posted[1])).toEqual(['late']);
  });

  test('every priority has a deadline', async () => {
    writer.submitAll('at the writer');
    await turn();
    const waiting = [
      recordPayment(1),
      createDrop(),
      placeHold('a'),
      { kind: 'cancelOrder', orderId: 1 },
    ] as const;
    const outcomes = Promise.all(waiting.map((command) => writer.queue.submit(command)));
    writer.clock.advance(1_100);
    await expect(outcomes).resolves.toEqual(waiting.map(() => overloaded));
    expect(Object.values(writer.queue.depth())).toEqual(priorities.map(() => 0));
  });

  test('a batch that stays at the writer too long is unknown, and no second batch overtakes it', async () => {
    const reported = writer.submitAll('a');
    await turn();
    writer.clock.advance(1_100);
    await turn();
    expect([...reported.values()]).toEqual([unknown]);
    writer.submitAll('b');
    await turn();
    expect(writer.posted).toHaveLength(1);
    // The writer returns late: its answer changes no reported outcome, and the next batch goes out.
    await writer.settle();
    expect([...reported.values()]).toEqual([unknown]);
    expect(namesIn(writer.posted[1])).toEqual(['b']);
  });

  test('a batch posted late has as long at the writer as any other', async () => {
    writer.submitAll('first');
    await turn();
    const reported = writer.submitAll('posted late');
    writer.clock.advance(950);
    await writer.settle();
    writer.clock.advance(900);
    await turn();
    expect(reported.size).toBe(0);
    await writer.settle();
    expect([...reported.values()]).toEqual([soldOut]);
  });

  test('a command answered before its deadline succeeds', async () => {
    const reported = writer.submitAll('a');
    await turn();
    writer.clock.advance(999);
    await turn();
    expect(reported.size).toBe(0);
  });
});

describe('the end of the queue', () => {
  test('a lost writer makes posted commands unknown and refuses queued and later ones', async () => {
    const atWriter = writer.submitAll('a', 'b');
    await turn();
    const waiting = writer.submitAll('c');
    writer.queue.fail();
    const after = writer.submitAll('d');
    await turn();
    expect([...atWriter.values()]).toEqual([unknown, unknown]);
    expect([...waiting.values(), ...after.values()]).toEqual([stopping, stopping]);
    expect(writer.posted).toHaveLength(1);
  });

  test('a second report of a lost writer and its late answers are ignored', async () => {
    const reported = writer.submitAll('a');
    await turn();
    writer.queue.fail();
    writer.queue.fail();
    await writer.settle();
    expect([...reported.values()]).toEqual([unknown]);
    await writer.queue.drain();
    expect(writer.clock.timers).toBe(0);
  });

  test('a drain refuses new commands, answers accepted ones, then resolves', async () => {
    const accepted = writer.submitAll('a', 'b', 'c', 'd');
    await turn();
    let isDrained = false;
    const drained = writer.queue.drain().then(() => {
      isDrained = true;
    });
    const late = writer.submitAll('late');
    await turn();
    expect([...late.values()]).toEqual([stopping]);
    await writer.settle();
    expect([accepted.size, isDrained]).toEqual([3, false]);
    await writer.settle();
    await drained;
    expect([...accepted.values()]).toEqual([soldOut, soldOut, soldOut, soldOut]);
    expect(writer.clock.timers).toBe(0);
  });

  test('a drain of an empty queue resolves at once, also the second time', async () => {
    await Promise.all([writer.queue.drain(), writer.queue.drain()]);
    expect(writer.clock.timers).toBe(0);
  });

  test('a drain includes commands submitted in the same turn', async () => {
    const accepted = writer.submitAll('a');
    const drained = writer.queue.drain();
    await turn();
    expect(writer.posted.map(namesIn)).toEqual([['a']]);
    await writer.settle();
    await drained;
    expect([...accepted.values()]).toEqual([soldOut]);
  });

  test('a drain ends where the writer is lost', async () => {
    const reported = writer.submitAll('a');
    await turn();
    const drained = writer.queue.drain();
    writer.queue.fail();
    await drained;
    expect([...reported.values()]).toEqual([unknown]);
  });
});
