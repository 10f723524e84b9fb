/** The queue before the writer: its order, its bounds, its deadlines, and an answer for everybody in every end. */
import { beforeEach, describe, expect, test } from 'vitest';
import { WriterQueue } from '../../src/database/sqlite/writer-queue.ts';
import { type Command, lanes } from '../../src/domain/command.ts';
import type { CommandOutcome, Outcome } from '../../src/domain/outcome.ts';
import { createDrop, placeHold, recordPayment } from '../support/commands.ts';
import { FakeClock } from '../support/fake-clock.ts';

const settings = { queueMax: 4, deadlineMs: 1_000, batchMax: 3 };
const soldOut = { kind: 'sold_out' } as const;
const overloaded = { kind: 'overloaded', retryAfterSeconds: 1 };
const unknown = { kind: 'outcome_unknown' };
const stopping = { kind: 'stopping' };

let clock: FakeClock;
let posted: (readonly Command[])[];
let queue: WriterQueue;

beforeEach(() => {
  clock = new FakeClock();
  posted = [];
  queue = new WriterQueue((commands) => posted.push(commands), settings, clock);
});

/** Lets everything happen that only waits for its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const buyers = (batch: readonly Command[] | undefined) =>
  batch?.map((command) => (command.kind === 'placeHold' ? command.customer : command.kind));

/** Submits a hold for each name and keeps what they are told. */
function submitAll(...names: string[]): Map<string, Outcome> {
  const told = new Map<string, Outcome>();
  for (const name of names) void queue.submit(placeHold(name)).then((outcome) => told.set(name, outcome));
  return told;
}

/** Answers the batch at the writer: one outcome that names its place for each command. */
const settle = (outcomes: CommandOutcome[] = posted.at(-1)?.map(() => soldOut) ?? []): void => queue.settle(outcomes);

describe('batches', () => {
  test('the first batch is what one turn brought, the next what came meanwhile', async () => {
    submitAll('a', 'b');
    await turn();
    submitAll('c');
    await turn();
    submitAll('d');
    await turn();
    expect(posted.map(buyers)).toEqual([['a', 'b']]);
    settle();
    expect(posted.map(buyers)).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  test('one batch is at the writer at a time, and none where nothing waits', async () => {
    submitAll('a');
    await turn();
    settle();
    await turn();
    expect(posted).toHaveLength(1);
    submitAll('b');
    await turn();
    expect(posted).toHaveLength(2);
  });

  test('a batch has at most batchMax commands, first come, first served', async () => {
    const told = submitAll('a', 'b', 'c', 'd');
    await turn();
    expect(posted.map(buyers)).toEqual([['a', 'b', 'c']]);
    expect(queue.depth().holds).toBe(1);
    settle();
    expect(buyers(posted[1])).toEqual(['d']);
    settle();
    await turn();
    expect([...told.keys()]).toEqual(['a', 'b', 'c', 'd']);
  });

  test('each caller gets the outcome of his own place', async () => {
    const told = submitAll('a', 'b');
    await turn();
    settle([{ kind: 'paused' }, { kind: 'ended' }]);
    await turn();
    expect([...told]).toEqual([
      ['a', { kind: 'paused' }],
      ['b', { kind: 'ended' }],
    ]);
  });

  test('an outcome that is missing is unknown', async () => {
    const told = submitAll('a', 'b');
    await turn();
    settle([soldOut]);
    await turn();
    expect([...told.values()]).toEqual([soldOut, unknown]);
  });

  test('the order holds over thousands of commands', async () => {
    queue = new WriterQueue((commands) => posted.push(commands), { ...settings, queueMax: 5_000, batchMax: 700 }, clock);
    const names = Array.from({ length: 5_000 }, (_, index) => `${index}`);
    submitAll(...names);
    await turn();
    while (Object.values(queue.depth()).some((waiting) => waiting > 0)) settle();
    expect(posted.flatMap(buyers)).toEqual(names);
  });
});

describe('lanes', () => {
  test('money goes first, then what frees stock, then the operator, then the crowd', async () => {
    submitAll('first');
    await turn();
    const queued: Command[] = [
      placeHold('a'),
      createDrop(),
      { kind: 'runStatements', statements: [] },
      { kind: 'releaseDue', orders: 1 },
      recordPayment(1),
      { kind: 'cancelOrder', orderId: 1 },
    ];
    for (const command of queued) void queue.submit(command);
    expect(queue.depth()).toEqual({ payments: 1, releases: 2, operator: 2, holds: 1 });
    settle();
    settle();
    expect(posted.slice(1).flatMap((batch) => buyers(batch))).toEqual([
      'recordPayment',
      'releaseDue',
      'cancelOrder',
      'createDrop',
      'runStatements',
      'a',
    ]);
  });

  test('each lane has its own bound: a crowd of buyers refuses no payment', async () => {
    submitAll('at the writer');
    await turn();
    const told = submitAll('a', 'b', 'c', 'd', 'too many');
    await turn();
    expect([...told]).toEqual([['too many', overloaded]]);
    const paid = queue.submit(recordPayment(1));
    expect(queue.depth()).toEqual({ payments: 1, releases: 0, operator: 0, holds: 4 });
    settle();
    expect(buyers(posted[1])).toEqual(['recordPayment', 'a', 'b']);
    settle();
    await expect(paid).resolves.toEqual(soldOut);
  });

  test('a lane that was full takes again once it has been served', async () => {
    submitAll('at the writer');
    await turn();
    submitAll('a', 'b', 'c', 'd');
    settle();
    const told = submitAll('e');
    await turn();
    expect(told.size).toBe(0);
  });
});

describe('deadlines', () => {
  test('whoever waits too long was not executed, and is told so', async () => {
    submitAll('at the writer');
    await turn();
    const told = submitAll('early');
    clock.advance(600);
    const later = submitAll('late');
    clock.advance(450);
    await turn();
    expect([...told.values()]).toEqual([overloaded]);
    expect(later.size).toBe(0);
    settle();
    expect(buyers(posted[1])).toEqual(['late']);
  });

  test('every lane has them', async () => {
    submitAll('at the writer');
    await turn();
    const waiting = [recordPayment(1), createDrop(), placeHold('a'), { kind: 'cancelOrder', orderId: 1 }] as const;
    const outcomes = Promise.all(waiting.map((command) => queue.submit(command)));
    clock.advance(1_100);
    await expect(outcomes).resolves.toEqual(waiting.map(() => overloaded));
    expect(Object.values(queue.depth())).toEqual(lanes.map(() => 0));
  });

  test('what is at the writer too long is unknown, and no second batch overtakes it', async () => {
    const told = submitAll('a');
    await turn();
    clock.advance(1_100);
    await turn();
    expect([...told.values()]).toEqual([unknown]);
    submitAll('b');
    await turn();
    expect(posted).toHaveLength(1);
    // The writer comes back late: its answer changes nothing for who was told already, and the next batch goes out.
    settle();
    await turn();
    expect([...told.values()]).toEqual([unknown]);
    expect(buyers(posted[1])).toEqual(['b']);
  });

  test('in time is in time', async () => {
    const told = submitAll('a');
    await turn();
    clock.advance(999);
    await turn();
    expect(told.size).toBe(0);
  });
});

describe('the end', () => {
  test('a lost writer: unknown at the writer, not executed in the queue, refused from then on', async () => {
    const atWriter = submitAll('a', 'b');
    await turn();
    const waiting = submitAll('c');
    queue.fail();
    const after = submitAll('d');
    await turn();
    expect([...atWriter.values()]).toEqual([unknown, unknown]);
    expect([...waiting.values(), ...after.values()]).toEqual([stopping, stopping]);
    expect(posted).toHaveLength(1);
  });

  test('a lost writer may be reported twice, and whatever it still says is ignored', async () => {
    const told = submitAll('a');
    await turn();
    queue.fail();
    queue.fail();
    settle();
    await turn();
    expect([...told.values()]).toEqual([unknown]);
    await queue.drain();
    expect(clock.timers).toBe(0);
  });

  test('a drain refuses what is new, answers what was accepted, then resolves', async () => {
    const accepted = submitAll('a', 'b', 'c', 'd');
    await turn();
    let isDrained = false;
    const drained = queue.drain().then(() => {
      isDrained = true;
    });
    const late = submitAll('late');
    await turn();
    expect([...late.values()]).toEqual([stopping]);
    settle();
    await turn();
    expect([accepted.size, isDrained]).toEqual([3, false]);
    settle();
    await drained;
    expect([...accepted.values()]).toEqual([soldOut, soldOut, soldOut, soldOut]);
    expect(clock.timers).toBe(0);
  });

  test('a drain of an empty queue resolves at once, also the second time', async () => {
    await Promise.all([queue.drain(), queue.drain()]);
    expect(clock.timers).toBe(0);
  });

  test('a drain takes along what was submitted in the same turn', async () => {
    const accepted = submitAll('a');
    const drained = queue.drain();
    await turn();
    expect(posted.map(buyers)).toEqual([['a']]);
    settle();
    await drained;
    expect([...accepted.values()]).toEqual([soldOut]);
  });

  test('a drain ends where the writer is lost', async () => {
    const told = submitAll('a');
    await turn();
    const drained = queue.drain();
    queue.fail();
    await drained;
    expect([...told.values()]).toEqual([unknown]);
  });
});
