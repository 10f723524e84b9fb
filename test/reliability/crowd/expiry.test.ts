/** Half of the holds expire during the crowd: late buyers get those units, without overselling. */
import { describe, expect, it } from 'vitest';
import { readFile } from '../../../src/database/sqlite/file-rows.ts';
import { runtimes } from '../../support/contract-server.ts';
import { patienceMs } from '../../support/patience.ts';
import type { Order } from '../../support/shapes.ts';
import { sleep } from '../../support/shop.ts';
import { Crowd, crowdOn } from './crowd.ts';

const lateWaveIntervalMs = 100;
const lookIntervalMs = 5;

/** Polls the drop by HTTP and in the file until `isOver`; returns the maximum of units taken. */
async function watch(crowd: Crowd, isOver: () => boolean): Promise<{ looks: number; unitsMax: number }> {
  let looks = 0;
  let unitsMax = 0;
  while (!isOver()) {
    const [item] = (await crowd.look()).items;
    const inFile = readFile(crowd.databaseFile, (file) =>
      file.prepare<[], number>('select held + sold from items').pluck().get(),
    );
    looks += 1;
    unitsMax = Math.max(unitsMax, (item?.held ?? 0) + (item?.sold ?? 0), inFile ?? 0);
    await sleep(lookIntervalMs);
  }
  return { looks, unitsMax };
}

describe.each(runtimes)('a drop whose holds last a second, on %s', (runtime) => {
  const { purchases, stock } = crowdOn(runtime);
  const lateWave = stock;
  it('sells expired units to late buyers, and never one unit twice', async () => {
    const crowd = await Crowd.gather(runtime, { holdSeconds: 1 });
    let acknowledged = 0;
    let customers = 0;
    /** Buys a unit, and pays for it where `pays` is true. */
    const buy = async (pays: (index: number) => boolean): Promise<void> => {
      const verdict = await crowd.buy(customers++);
      if (verdict.kind !== 'ok') return;
      const { id } = (JSON.parse(verdict.body) as { order: Order }).order;
      if (pays(acknowledged++)) await crowd.pay(id);
    };
    const crowdOf = (size: number, pays: (index: number) => boolean): Promise<unknown> =>
      Promise.all(Array.from({ length: size }, () => buy(pays)));

    let isOver = false;
    const watching = watch(crowd, () => isOver);
    await crowdOf(purchases / 2, (index) => index % 2 === 0);
    const early = acknowledged;

    const deadlineMs = performance.now() + patienceMs;
    let sold = 0;
    while (sold < stock && performance.now() < deadlineMs) {
      await crowdOf(lateWave, () => true);
      sold = (await crowd.look()).items[0]?.sold ?? 0;
      await sleep(lateWaveIntervalMs);
    }
    // Nothing is left: the rest of the crowd gets no unit.
    while (customers < purchases) await crowdOf(lateWave, () => true);
    isOver = true;
    const { looks, unitsMax } = await watching;

    const reported = await crowd.disperse();
    expect(sold).toBe(stock);
    expect(looks).toBeGreaterThan(10);
    expect(unitsMax).toBe(stock);
    expect(reported.orders.length).toBe(acknowledged);
    // Every second unit of the first wave was not paid: all of those went to other buyers.
    expect(early).toBeGreaterThanOrEqual(stock);
    expect(reported.expired).toBeGreaterThanOrEqual(Math.floor(early / 2));
    const { sold_out: soldOut = 0, overloaded = 0, ...others } = reported.refused;
    expect([soldOut + overloaded, others]).toEqual([customers - acknowledged, {}]);
  });
});
