/** Histories of crowds on real servers are linearizable; oversold or stale ones are not. */
import { describe, expect, test } from 'vitest';
import { machines, runtimes, useServer } from '../../support/contract-server.ts';
import { startServer } from '../../support/server-process.ts';
import { Shop } from '../../support/shop.ts';
import { countCase } from '../record-count.ts';
import { isLinearizable, type Step } from './linearizable.ts';
import { type Recorded, recordCrowd } from './record.ts';

const stock = 12;
const clients = 12;
/** HISTORY_ROUNDS runs more rounds than CI does. */
const rounds = Number(process.env.HISTORY_ROUNDS ?? 2);
const seeds = Array.from({ length: rounds }, (_, index) => index + 1);
/** Steps of each client across a crash: the server dies before as many steps of all are done. */
const crashSteps = 60;
const killBefore = 500;
const item = { sku: 'one', name: 'One size', price: 1250, stock };

const outcomes = (history: readonly Step[]): Set<string> =>
  new Set(history.map(({ did }) => (did.kind === 'buy' ? `buy ${did.isHeld}` : did.kind)));

/** The same history with a fault: a sale beyond the stock, or a read of an old value. */
function spoilt(history: readonly Step[], how: 'oversold' | 'stale'): Step[] {
  const refusal = history.findIndex(({ did }) => did.kind === 'buy' && did.isHeld === false);
  const read = history.findLastIndex(({ did }) => did.kind === 'read');
  return history.map((step, place) => {
    if (how === 'oversold' && place === refusal)
      return { ...step, did: { kind: 'buy', quantity: stock + 1, isHeld: true } };
    return how === 'stale' && place === read
      ? { ...step, did: { kind: 'read', available: stock + 1 } }
      : step;
  });
}

describe.each(runtimes)('histories on %s', (runtime) => {
  const shop = useServer(runtime);
  const isMachine = machines.includes(runtime);

  test.each(seeds)('of clients that buy, return and read are linearizable (seed %i)', (seed) =>
    countCase('linearizable histories', seed, async () => {
      const drop = await shop.createDrop({ items: [item] });
      const { url } = shop.server;
      const { history } = await recordCrowd({
        url,
        dropId: drop.id,
        seed,
        clients,
        stepsPerClient: 40,
        onlyBuys: !isMachine,
      });
      // Otherwise the history would prove nothing.
      expect(outcomes(history)).toEqual(
        new Set(['buy true', 'buy false', ...(isMachine ? ['giveBack', 'read'] : [])]),
      );
      expect(isLinearizable(history, stock)).toBe(true);
      expect(isLinearizable(spoilt(history, 'oversold'), stock)).toBe(false);
      if (isMachine) expect(isLinearizable(spoilt(history, 'stale'), stock)).toBe(false);
    }),
  );
});

describe.each(machines)('histories on %s with two HTTP threads', (runtime) => {
  const shop = useServer(runtime, { HTTP_THREADS: '2' });
  test.each(seeds)('are linearizable whatever thread a client uses (seed %i)', (seed) =>
    countCase('linearizable histories', seed, async () => {
      const drop = await shop.createDrop({ items: [item] });
      const { url } = shop.server;
      const { history } = await recordCrowd({
        url,
        dropId: drop.id,
        seed,
        clients,
        stepsPerClient: 40,
      });
      expect(isLinearizable(history, stock)).toBe(true);
    }),
  );
});

describe.each(machines)('histories on %s through a crash', (runtime) => {
  test.each(seeds)('are linearizable when clients retry with the same key (seed %i)', (seed) =>
    countCase('linearizable histories', seed, async () => {
      const shop = new Shop();
      shop.open(await startServer({ runtime: runtime as 'node' | 'bun' }));
      const drop = await shop.createDrop({ items: [item] });
      const { url, databaseFile } = shop.server;
      const recorded = await new Promise<{ killed: Promise<void>; crowd: Promise<Recorded> }>(
        (resolve, reject) => {
          const killAfter = clients + ((seed * 29) % (killBefore - clients));
          const crowd = recordCrowd({
            url,
            dropId: drop.id,
            seed,
            clients,
            stepsPerClient: crashSteps,
            onStep: (done) => {
              if (done === killAfter) resolve({ killed: shop.server.kill(), crowd });
            },
          });
          crowd.catch(reject);
        },
      );
      await recorded.killed;
      const port = new URL(url).port;
      shop.open(await startServer({ runtime: runtime as 'node' | 'bun', databaseFile, env: { PORT: port } }));
      const { history, retries } = await recorded.crowd;
      // Otherwise the history would be like any other.
      expect(retries).toBeGreaterThan(0);
      expect(history).toHaveLength(clients * crashSteps);
      expect(isLinearizable(history, stock)).toBe(true);
      expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
    }),
  );
});
