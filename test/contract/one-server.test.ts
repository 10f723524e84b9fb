/** Two servers on one file: the second is refused, in one clear line, and the first goes on selling. */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { machines, useServer } from '../support/contract-server.ts';
import { spawnServer, startServer } from '../support/server-process.ts';

async function endOf(databaseFile: string, runtime: 'node' | 'bun') {
  const { child, output } = spawnServer({ databaseFile, runtime });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, output: output() };
}

describe.each(machines)('one file has one server, on %s', (runtime) => {
  const shop = useServer(runtime);
  const other = runtime === 'node' ? 'bun' : 'node';

  test('a second one is refused, whatever it runs on, and the first sells on', async () => {
    const drop = await shop.createDrop();
    for (const second of [runtime, other] as ('node' | 'bun')[]) {
      const { code, output } = await endOf(shop.server.databaseFile, second);
      expect(code, output).toBe(1);
      expect(output).toContain('Another server has this file');
      expect(output.split('\n').filter((line) => line.includes('"error"'))).toHaveLength(1);
    }
    expect((await shop.buy(drop.id)).order.status).toBe('held');
  });

  test('also under another name of the same file', async () => {
    const { databaseFile } = shop.server;
    const elsewhere = join(dirname(databaseFile), 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(databaseFile, join(elsewhere, 'link.db'));
    const { code, output } = await endOf(join(elsewhere, 'link.db'), runtime as 'node' | 'bun');
    expect([code, output]).toEqual([1, expect.stringContaining('Another server has this file')]);
    expect(readdirSync(elsewhere)).toEqual(['link.db']);
  });

  test('after a kill the next one starts at once', async () => {
    const first = await startServer({ runtime });
    await first.kill();
    const next = await startServer({ runtime, databaseFile: first.databaseFile });
    expect(await next.stop()).toEqual({ code: 0, signal: null });
  });
});
