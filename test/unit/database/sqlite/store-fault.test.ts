/** A disk that rejects writes under a live server: nothing is acknowledged, the process exits. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { machines } from '../../../support/contract-server.ts';
import { keyOf } from '../../../support/key-of.ts';
import { mustSkip } from '../../../support/loud-skip.ts';
import { expectAnswer } from '../../../support/scenario.ts';
import { type ServerProcess, startServer } from '../../../support/server-process.ts';
import { purchaseCall, Shop } from '../../../support/shop.ts';

// From util-linux: sets the limits of a running process.
const limiter = 'prlimit';
const isSkipped = mustSkip(
  spawnSync(limiter, ['--version']).status === 0,
  'the tests of a disk that fails',
  `There is no ${limiter}: apt-get install util-linux.`,
);

/** From now on the system rejects every write of the process beyond this size (EFBIG). */
const limitFileSize = (pid: number, bytes: number) =>
  spawnSync(limiter, [`--pid=${pid}`, `--fsize=${bytes}`], { encoding: 'utf8' });

describe.skipIf(isSkipped).each(machines)('on %s', (runtime) => {
  test('the batch is unknown, the process exits with 70, and a restart has every acknowledged order', async () => {
    const shop = new Shop();
    let server: ServerProcess = await startServer({ runtime });
    shop.open(server);
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 500, stock: 50 }] });
    const bought = await shop.buy(drop.id, {}, keyOf('before'));

    expect(limitFileSize(server.pid, 1).stderr).toBe('');
    const retried = purchaseCall(drop.id, {}, keyOf('during'));
    const unknown = await shop.send(retried);
    expectAnswer(unknown, { status: 503, code: 'outcome_unknown' });
    expect(unknown.headers['retry-after']).toMatch(/^\d+$/);
    expect(await server.exited).toEqual({ code: 70, signal: null });
    const faults = server
      .output()
      .split('\n')
      .filter((line) => line.includes('the writer failed'));
    expect(faults).toHaveLength(1);

    server = await startServer({ runtime, databaseFile: server.databaseFile });
    shop.open(server);
    expect((await shop.order(bought)).order.status).toBe('held');
    expect((await shop.drop(drop.id)).items[0]).toMatchObject({ stock: 50, held: 1, sold: 0 });
    expect((await shop.send(retried)).status).toBe(201);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});
