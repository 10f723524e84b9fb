/** Following the log on a clock that the test moves: nothing is missed, and nobody waits for who fails. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Follower, type Following, follow } from '../../src/background/follow.ts';
import type { LoggedEvent } from '../../src/database/log-reads.ts';
import type { SqliteStore } from '../../src/database/sqlite/sqlite-store.ts';
import {
  FOLLOW_ATTEMPTS_MAX,
  FOLLOW_BACKOFF_MAX_MS,
  FOLLOW_CONCURRENCY,
  FOLLOW_INTERVAL_MS,
  FOLLOW_LEAD_EVENTS,
  FOLLOW_OPEN_EVENTS,
  FOLLOW_PAGE_EVENTS,
  FOLLOW_STOP_DEADLINE_MS,
} from '../../src/limits.ts';
import { createDrop, placeHold } from '../support/commands.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { patienceMs } from '../support/patience.ts';
import { migratedFile } from '../support/scratch-store.ts';
import { sleep } from '../support/shop.ts';
import { openThreadedStore } from '../support/threaded-store.ts';

const dayMs = 86_400_000;

let store: SqliteStore;
let file: string;
let clock: FakeClock;
let errors: Readonly<Record<string, unknown>>[];
let warnings: Readonly<Record<string, unknown>>[];
let followings: Following[];
let buyers = 0;

/** Follows holds; `answer` decides on each, and what was done is told in `told`. */
class Receiver implements Follower {
  readonly kinds = new Set(['held'] as const);
  readonly told: number[] = [];
  attempts = 0;
  underWay = 0;
  mostUnderWay = 0;
  answer: (order: number) => Promise<'done' | 'retry'> = async () => 'done';
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  async deliver({ orderId }: LoggedEvent): Promise<'done' | 'retry'> {
    this.attempts += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      const answer = await this.answer(orderId ?? 0);
      if (answer === 'done') this.told.push(orderId ?? 0);
      return answer;
    } finally {
      this.underWay -= 1;
    }
  }

  get inOrder(): number[] {
    return this.told.toSorted((a, b) => a - b);
  }
}

async function begin(receiver: Receiver): Promise<Following> {
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: (fields: Readonly<Record<string, unknown>>) => void warnings.push(fields),
    error: (fields: Readonly<Record<string, unknown>>) => void errors.push(fields),
  };
  const following = await follow(receiver, { store, clock, log, random: () => 0.5 });
  followings.push(following);
  return following;
}

/** Places so many holds and returns their orders. */
async function buy(count: number): Promise<number[]> {
  const outcomes = await Promise.all(
    Array.from({ length: count }, () => {
      buyers += 1;
      return store.submit(placeHold(`buyer-${buyers}`));
    }),
  );
  return outcomes.map((outcome) => (outcome.kind === 'held' ? outcome.order.id : 0));
}

/** Moves the clock on, with one look at each step, until `fits`, letting what was begun go on in between. */
async function lookUntil(fits: () => boolean, stepMs = FOLLOW_INTERVAL_MS): Promise<void> {
  const deadline = Date.now() + patienceMs;
  do {
    clock.jump(stepMs);
    await sleep(1);
  } while (!fits() && Date.now() < deadline);
  expect(fits()).toBe(true);
}

const savedAt = (name: string) => store.submit({ kind: 'advanceFollower', name, lastSeq: null });
const lastSeq = () => store.reads.eventsAfter(0, 1_000_000).at(-1)?.seq ?? 0;
/** Until the whole log counts as told, also after a restart. */
const savedAll = async (name: string) => {
  await lookUntil(() => true);
  await expect
    .poll(async () => {
      clock.advance(FOLLOW_INTERVAL_MS);
      return savedAt(name);
    })
    .toEqual({ kind: 'advanced', lastSeq: lastSeq() });
};

beforeEach(async () => {
  file = migratedFile();
  store = await openThreadedStore(file);
  clock = new FakeClock(Date.now());
  [errors, warnings, followings] = [[], [], []];
  const items = [{ sku: 'one', name: 'One size', price: 1250, stock: 100_000 }];
  await store.submit(createDrop({ startsAt: 0, items }));
});
afterEach(async () => {
  await Promise.all(followings.map((following) => following.stop()));
  await store.close(2_000);
});

test('tells what happens from now on, of the kinds it wants, once', async () => {
  const receiver = new Receiver('new');
  await buy(3);
  await begin(receiver);
  const orders = await buy(3 * FOLLOW_PAGE_EVENTS);
  await store.submit({ kind: 'cancelOrder', orderId: orders[0] ?? 0 });
  await lookUntil(() => receiver.told.length >= orders.length);
  await savedAll('new');
  expect(receiver.inOrder).toEqual(orders);
  expect(receiver.mostUnderWay).toBe(FOLLOW_CONCURRENCY);
});

test('goes on after a restart where it stood', async () => {
  const before = new Receiver('lasting');
  await begin(before);
  const first = await buy(5);
  await lookUntil(() => before.told.length === 5);
  await followings.pop()?.stop();
  const missed = await buy(5);
  await store.close(2_000);
  store = await openThreadedStore(file);
  const after = new Receiver('lasting');
  await begin(after);
  await lookUntil(() => after.told.length >= 5);
  expect(before.inOrder).toEqual(first);
  expect(after.inOrder).toEqual(missed);
});

test('an end without a stop loses nothing that was not told', async () => {
  const before = new Receiver('killed');
  await begin(before);
  const orders = await buy(40);
  before.answer = async (order) => (order % 2 === 0 ? 'done' : 'retry');
  await lookUntil(() => before.told.length >= 20);
  // The old following is left as it is: its process is gone.
  followings = [];
  clock = new FakeClock(clock.now());
  await store.close(2_000);
  store = await openThreadedStore(file);
  const after = new Receiver('killed');
  await begin(after);
  await lookUntil(() => orders.every((order) => after.told.includes(order) || before.told.includes(order)));
  expect(after.inOrder.length).toBeGreaterThanOrEqual(20);
});

test('an event that fails holds up none of the others, and is told again after a restart', async () => {
  const receiver = new Receiver('mixed');
  await begin(receiver);
  const [poison, ...rest] = await buy(3 * FOLLOW_PAGE_EVENTS);
  receiver.answer = async (order) => (order === poison ? 'retry' : 'done');
  await lookUntil(() => receiver.told.length === rest.length);
  expect(receiver.inOrder).toEqual(rest);
  await followings.pop()?.stop();
  const after = new Receiver('mixed');
  await begin(after);
  await lookUntil(() => after.told.includes(poison ?? 0));
});

test('what may be told twice after a restart is bounded', async () => {
  const receiver = new Receiver('leading');
  await begin(receiver);
  const [poison] = await buy(1);
  for (let bought = 0; bought < FOLLOW_LEAD_EVENTS + 2_000; bought += 2_000) await buy(2_000);
  receiver.answer = async (order) => (order === poison ? 'retry' : 'done');
  await lookUntil(() => receiver.told.length >= FOLLOW_LEAD_EVENTS - 1);
  for (let look = 0; look < 20; look += 1) await lookUntil(() => true);
  expect(receiver.told.length).toBeLessThan(FOLLOW_LEAD_EVENTS + FOLLOW_PAGE_EVENTS);
  receiver.answer = async () => 'done';
  await lookUntil(() => receiver.told.length === FOLLOW_LEAD_EVENTS + 2_001, FOLLOW_BACKOFF_MAX_MS / 100);
});

test('a receiver that is down is asked less and less, and hears all once it is back', async () => {
  const [up, down] = [new Receiver('up'), new Receiver('down')];
  down.answer = () => Promise.reject(new TypeError('canary'));
  await Promise.all([begin(up), begin(down)]);
  const orders = await buy(2 * FOLLOW_OPEN_EVENTS);
  await lookUntil(() => up.told.length === orders.length);
  expect(up.inOrder).toEqual(orders);
  for (let look = 0; look < 6; look += 1) await lookUntil(() => true, 600_000);
  // What waits is bounded, and so is what is asked.
  const known = new Set(warnings.map(({ event }) => event));
  expect(known.size).toBeLessThan(FOLLOW_OPEN_EVENTS + FOLLOW_PAGE_EVENTS);
  expect(warnings[0]).toMatchObject({ follower: 'down', error: 'TypeError' });
  expect(JSON.stringify(warnings)).not.toContain('canary');
  down.answer = async () => 'done';
  await lookUntil(() => down.told.length >= orders.length, FOLLOW_BACKOFF_MAX_MS / 100);
  expect(down.inOrder).toEqual(orders);
  expect(errors).toEqual([]);
});

test('one event is tried for about a day, then named and passed over', async () => {
  const receiver = new Receiver('dead');
  receiver.answer = async () => 'retry';
  await begin(receiver);
  await buy(1);
  const begunAt = clock.now();
  await lookUntil(() => errors.length > 0, 120_000);
  const tookMs = clock.now() - begunAt;
  expect(tookMs).toBeGreaterThan(0.9 * dayMs);
  expect(tookMs).toBeLessThan(1.5 * dayMs);
  expect(receiver.attempts).toBe(FOLLOW_ATTEMPTS_MAX);
  expect(errors).toEqual([{ follower: 'dead', event: lastSeq() }]);
  receiver.answer = async () => 'done';
  const [next] = await buy(1);
  await lookUntil(() => receiver.told.length === 1);
  expect(receiver.told).toEqual([next]);
  await savedAll('dead');
});

test('a stop waits for what is under way, and not longer than its deadline', async () => {
  const receiver = new Receiver('slow');
  let end: (answer: 'done') => void = () => undefined;
  receiver.answer = () => new Promise((resolve) => (end = resolve));
  const following = await begin(receiver);
  await buy(1);
  await lookUntil(() => receiver.underWay === 1);
  let isStopped = false;
  const stopped = following.stop().then(() => {
    isStopped = true;
  });
  // A commit by somebody else takes longer than a stop that does not wait.
  await buy(1);
  expect(isStopped).toBe(false);
  clock.advance(FOLLOW_STOP_DEADLINE_MS);
  await stopped;
  // What was cut off does not count as told.
  const again = new Receiver('slow');
  await begin(again);
  await lookUntil(() => again.told.length === 2);
  end('done');
});
