/** The door before purchases: who is turned away, when he hears of it, and how many hear of it at once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { createDoor, type Door } from '../../src/http/door.ts';
import { dropPresentation } from '../../src/http/representation.ts';
import { createIds } from '../../src/ids.ts';
import { createFrontStore } from '../../src/runtime/edge/front-store.ts';
import { appDeps } from '../support/app-deps.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Turns of the event loop end when the test says so. */
class ClockOfTurns extends FakeClock {
  #tasks: (() => void)[] = [];
  override soon(task: () => void): void {
    this.#tasks.push(task);
  }
  async endTurn(): Promise<void> {
    for (const task of this.#tasks.splice(0)) task();
    await Promise.resolve();
  }
}

let clock: ClockOfTurns;
let isFull: boolean;
let door: Door;
let told: Response[];
beforeEach(() => {
  clock = new ClockOfTurns();
  isFull = true;
  door = createDoor({ store: { isFull: () => isFull }, clock });
  told = [];
});

const come = (count: number): void => {
  for (let index = 0; index < count; index += 1) void door.turnAway()?.then((answer) => told.push(answer));
};

describe('the door', () => {
  test('is open while the queue has room', () => {
    isFull = false;
    expect(door.turnAway()).toBeNull();
  });

  test('says that nothing was done, and when to come again', async () => {
    come(1);
    await clock.endTurn();
    const [answer] = told;
    expect([answer?.status, answer?.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await answer?.json()).toMatchObject({ code: 'overloaded' });
  });

  test('answers nobody in the turn that has read him: he would ask again within it', async () => {
    come(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toHaveLength(0);
  });

  test('answers a quarter as many as were served, and some where nobody was', async () => {
    come(30);
    for (let index = 0; index < 40; index += 1) door.served();
    await clock.endTurn();
    expect(told).toHaveLength(10);
    await clock.endTurn();
    expect(told).toHaveLength(12);
  });

  test('counts who is served only while somebody waits', async () => {
    for (let index = 0; index < 1_000; index += 1) door.served();
    come(30);
    await clock.endTurn();
    expect(told).toHaveLength(2);
  });

  test('keeps nobody waiting for more than three seconds', async () => {
    come(10);
    clock.advance(2_000);
    come(10);
    clock.advance(1_000);
    await clock.endTurn();
    expect(told).toHaveLength(10);
  });

  test('refuses in its turn who found the queue full only inside', async () => {
    isFull = false;
    void door.refuseInTurn().then((answer) => told.push(answer));
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toHaveLength(0);
    await clock.endTurn();
    expect(told).toHaveLength(1);
  });

  test('leaves nobody without an answer, also once there is room again', async () => {
    come(7);
    isFull = false;
    for (let turns = 0; turns < 4; turns += 1) await clock.endTurn();
    expect(told).toHaveLength(7);
    isFull = true;
    come(1);
    await clock.endTurn();
    expect(told).toHaveLength(8);
  });
});

test('a purchase that is turned away is not read', async () => {
  const ids = createIds('one-secret-0123456789abcdef0123456789abcdef');
  const store = createFrontStore([], dropPresentation(ids), async () => ({ kind: 'slug_taken' }));
  const app = createApp(appDeps({ store: { ...store, isFull: () => true }, ids }));
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulls += 1;
        controller.enqueue(new TextEncoder().encode('{"dropId":'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-type': 'application/json' };
  const answer = await app.request('/purchase', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  expect([answer.status, pulls]).toEqual([503, 0]);
});
