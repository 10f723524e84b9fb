/** The door before purchases: who is turned away, when he hears of it, and how many hear of it at once. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createDoor, type Door } from '../../src/http/door.ts';
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
