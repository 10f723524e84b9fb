/** Two servers on one file: the second is refused with one clear line, the first keeps selling. */
import { existsSync, linkSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectCleanEnd, machines, useServer } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { scratchDatabase, startExpectingFailure, startServer } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';

describe.each(machines)('one file has one server, on %s', (runtime) => {
  const shop = useServer(runtime);
  const other = runtime === 'node' ? 'bun' : 'node';

  test('a second one is refused on any runtime, and the first keeps selling', async () => {
    const drop = await shop.createDrop();
    for (const second of [runtime, other] as ('node' | 'bun')[]) {
      const { code, output } = await startExpectingFailure({
        databaseFile: shop.server.databaseFile,
        runtime: second,
      });
      expect(code, output).toBe(1);
      expect(output).toContain('Another server has this file');
      expect(output).toContain(
        `not to npm: \`lsof -t ${realpathSync(shop.server.databaseFile)}.lock\` prints the process id.`,
      );
      expect(output.split('\n').filter((line) => line.includes('"error"'))).toHaveLength(1);
    }
    expect((await shop.buy(drop.id)).order.status).toBe('held');
  });

  test('also by another path of the same file', async () => {
    const { databaseFile } = shop.server;
    const elsewhere = join(dirname(databaseFile), 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(databaseFile, join(elsewhere, 'link.db'));
    const { code, output } = await startExpectingFailure({
      databaseFile: join(elsewhere, 'link.db'),
      runtime,
    });
    expect([code, output]).toEqual([1, expect.stringContaining('Another server has this file')]);
    expect(readdirSync(elsewhere)).toEqual(['link.db']);
  });

  test('after the lock file was removed', async () => {
    const { databaseFile } = shop.server;
    rmSync(`${databaseFile}.lock`);
    await expect.poll(() => existsSync(`${databaseFile}.lock`)).toBe(true);
    const { code, output } = await startExpectingFailure({ databaseFile, runtime: other });
    expect([code, output]).toEqual([1, expect.stringContaining('Another server has this file')]);
    expect((await shop.buy((await shop.createDrop()).id)).order.status).toBe('held');
  });

  test('under a hard link made while it runs, in its folder or elsewhere', async () => {
    const { databaseFile } = shop.server;
    const folder = join(dirname(databaseFile), 'hard');
    mkdirSync(folder);
    for (const link of [join(dirname(databaseFile), 'hard.db'), join(folder, 'hard.db')]) {
      linkSync(databaseFile, link);
      for (const second of ['node', 'bun'] as const) {
        const { code, output } = await startExpectingFailure({ databaseFile: link, runtime: second });
        expect([code, output]).toEqual([1, expect.stringContaining('Another program has this file open')]);
      }
      for (const [name, ...args] of [['audit'], ['load-test', '--drop', 'none']] as const) {
        const end = runCommand(runtime === 'bun' ? 'bun' : 'node', 'stampede', link, [name, ...args]);
        expect([end.code, end.stdout]).toEqual([2, '']);
        expect(end.stderr).toContain('Another program has this file open');
      }
    }
    expect((await shop.buy((await shop.createDrop()).id)).order.status).toBe('held');
  });

  test('under a hard link made before; the first may stop, and then the other name serves', async () => {
    const databaseFile = scratchDatabase();
    const link = join(dirname(databaseFile), 'hard.db');
    await expectCleanEnd(await startServer({ runtime, databaseFile }));
    linkSync(databaseFile, link);
    const first = await startServer({ runtime, databaseFile });
    const { code, output } = await startExpectingFailure({ databaseFile: link, runtime: other });
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('Another server has this file under another name'),
    ]);
    await expectCleanEnd(first);
    const second = await startServer({ runtime, databaseFile: link });
    expect((await startExpectingFailure({ databaseFile, runtime: other })).code).toBe(1);
    await expectCleanEnd(second);
    // No server runs: every order is in the file, by any of its paths.
    const audited = runCommand(runtime === 'bun' ? 'bun' : 'node', 'audit', link, ['--json']);
    expect([audited.code, audited.stdout]).toEqual([0, '[]\n']);
  });

  test('after a kill, a hard link without the log is refused, and the name with the log serves', async () => {
    const databaseFile = scratchDatabase();
    const link = join(dirname(databaseFile), 'hard.db');
    const killed = new Shop();
    killed.open(await startServer({ runtime, databaseFile }));
    const { order } = await killed.buy((await killed.createDrop()).id);
    linkSync(databaseFile, link);
    await killed.server.kill();
    const { code, output } = await startExpectingFailure({ databaseFile: link, runtime });
    expect([code, output]).toEqual([1, expect.stringContaining(`start the server on ${databaseFile}`)]);
    const next = new Shop();
    next.open(await startServer({ runtime, databaseFile }));
    expect((await next.admin({ path: `/admin/orders/${order.id}` })).status).toBe(200);
    await expectCleanEnd(next.server);
  });

  test('after a kill the next one starts at once', async () => {
    const first = await startServer({ runtime });
    await first.kill();
    const next = await startServer({ runtime, databaseFile: first.databaseFile });
    await expectCleanEnd(next);
  });
});
