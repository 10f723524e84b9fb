/** The files of a server and its commands are accessible to their user only. */
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { stopCleanly } from '../../src/crowd/checkout-server.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { startServer } from '../support/server-process.ts';

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe.each(machines)('files on %s', (runtime) => {
  const shop = useServer(runtime);
  const restart = async (): Promise<void> => {
    await stopCleanly(shop.server);
    shop.open(await startServer({ runtime, databaseFile: shop.server.databaseFile }));
  };

  test('are readable by their user only, whatever the shell’s umask', async () => {
    await shop.buy((await shop.createDrop()).id);
    const { databaseFile } = shop.server;
    const end = runCommand(runtime === 'bun' ? 'bun' : 'node', 'stampede', databaseFile, ['backup']);
    expect(end.code, end.stderr).toBe(0);
    const backups = `${databaseFile}.backups`;
    const made = [
      ...['', '-wal', '.lock'].map((suffix) => databaseFile + suffix),
      ...readdirSync(backups).map((name) => join(backups, name)),
    ];
    expect(made.length).toBeGreaterThan(3);
    for (const file of made) expect([file, modeOf(file)]).toEqual([file, '600']);
    expect(shop.server.output()).not.toContain('other users of this machine');
  });

  test('with wide modes cause a warning at the next start, each by name', async () => {
    const { databaseFile } = shop.server;
    chmodSync(databaseFile, 0o644);
    await restart();
    const warnings = shop.server
      .output()
      .split('\n')
      .filter((line) => line.includes('other users of this machine'));
    expect(warnings[0]).toContain(`"${databaseFile}"`);
    expect(warnings[0]).toContain('"0644"');
    chmodSync(databaseFile, 0o600);
  });

  test('of another user in the temporary folder don’t prevent a start', async () => {
    const { databaseFile } = shop.server;
    const { dev, ino } = statSync(databaseFile);
    linkSync(databaseFile, join(dirname(databaseFile), 'second-name.db'));
    const foreign = join(tmpdir(), `stampede-${dev}-${ino}.lock`);
    expect(existsSync(foreign)).toBe(false);
    // Any user can create this; the server must not depend on what it is.
    mkdirSync(foreign);
    onTestFinished(() => rmdirSync(foreign));
    const end = await restart().catch((error: Error) => error.message);
    expect(end).toBeUndefined();
    expect((await shop.buy((await shop.createDrop()).id)).order.status).toBe('held');
  });
});
