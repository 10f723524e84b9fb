/** `npm run stampede` on the database file, with and without a running server. */
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lockName } from '../../src/database/sqlite/backup-folder.ts';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { takeLock } from '../../src/split/file-lock.ts';
import { addBallast } from '../support/ballast.ts';
import { expectCleanEnd, machines, useServer } from '../support/contract-server.ts';
import { type CommandEnd, interruptCommand, runCommand } from '../support/operator-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { startServer } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';

interface Made {
  file: string;
  sha256: string;
  lastSeq: number;
}
interface Listed {
  file: string;
  bytes: number;
  lastSeq: number;
  checksum: string;
}
interface Restored {
  lastSeq: number;
  lastEventAt: string;
  movedAside: string;
}

const isPartial = (name: string): boolean => name.includes('partial');

describe.each(machines)('the command line on a file, on %s', (runtime) => {
  const shop = useServer(runtime);
  const run = (args: string[], file = shop.server.databaseFile, env = {}): CommandEnd =>
    runCommand(runtime, 'stampede', file, args, env);
  const json = <T>(args: string[], file?: string): T => {
    const { code, stdout, stderr } = run([...args, '--json'], file);
    expect([args, code], stderr).toEqual([args, 0]);
    return JSON.parse(stdout) as T;
  };

  test('tokens are made, listed and revoked', async () => {
    const made = json<{ id: number; token: string }>(['tokens', 'add', 'till', '--scopes', 'drops:read']);
    const status = async () => (await shop.send({ path: '/admin/drops', token: made.token })).status;
    expect(await status()).toBe(200);
    const listed = json<{ id: number; revokedAt: string | null }[]>(['tokens', 'list']);
    expect(listed).toContainEqual(expect.objectContaining({ id: made.id, name: 'till', revokedAt: null }));
    expect(run(['tokens', 'revoke', String(made.id)]).stdout).toBe(
      `The token of operator ${made.id} is revoked.\n`,
    );
    expect(await status()).toBe(401);
    expect(run(['tokens', 'list']).stdout).toMatch(/till +\S+ +revoked /);
    expect(run(['tokens', 'add', 'other']).stderr).toMatch(/required option '--scopes/);
    expect(run(['tokens', 'add', 'other', '--scopes', 'all'], '/nowhere/none.db')).toMatchObject({
      code: 1,
      stderr: '/nowhere/none.db does not exist. Start the server once, or name another file.\n',
    });
  });

  test('a backup of a running server is listed with its checksum, and logged', async () => {
    await shop.buy((await shop.createDrop()).id);
    const first = json<Made>(['backup']);
    const byOption = join(scratchFolder(), 'elsewhere');
    const { code, stdout, stderr } = run(['backup', '--dir', byOption, '--keep', '1']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^stampede-.*: .* KiB, up to event \d+\nsha256 /),
    ]);
    expect(stderr).toMatch(/^copying: .*\nchecking: \d+ checks\nsumming: .*\n$/);
    expect(readdirSync(byOption).filter((name) => name.endsWith('.db'))).toHaveLength(1);
    const events = readFile(shop.server.databaseFile, (open) =>
      open.prepare("select actor from events where kind = 'backed_up'").pluck().all(),
    );
    expect(events).toEqual(['console', 'console']);

    const url = ['--url', shop.server.url];
    const overHttp = run(['backup', ...url, '--json'], undefined, { ADMIN_TOKEN: shop.server.adminToken });
    const second = JSON.parse(overHttp.stdout) as Made;
    const listed = json<Listed[]>(['backups']);
    expect(listed.map(({ file, checksum }) => [file, checksum])).toEqual([
      [second.file, 'valid'],
      [first.file, 'valid'],
    ]);
    const folder = `${shop.server.databaseFile}.backups`;
    writeFileSync(join(folder, `${first.file}.sha256`), `${second.sha256}  ${first.file}\n`);
    rmSync(join(folder, `${second.file}.sha256`));
    const doubtful = run(['backups']);
    expect([doubtful.code, doubtful.stdout]).toEqual([1, expect.stringMatching(/missing\n.*invalid\n$/)]);
    expect(run(['backups', '--dir', '/nowhere']).stdout).toMatch(/No backups yet in \/nowhere/);
  });

  test('a file with a second name (hard link) is refused by every command that writes or copies it', () => {
    const link = join(dirname(shop.server.databaseFile), 'link.db');
    linkSync(shop.server.databaseFile, link);
    const writers = [
      ['backup'],
      ['tokens', 'add', 'till', '--scopes', 'drops:read'],
      ['move', 'export', 'x'],
    ];
    for (const words of writers) {
      expect(run(words, link)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining(`${link} has 2 names (hard links)`),
      });
    }
    expect(run(['restore', shop.server.databaseFile, '--force'], link)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Another program has this file open'),
    });
    rmSync(link);
  });

  test('an impossible backup is refused in one line', () => {
    const folder = scratchFolder();
    const release = takeLock(join(folder, lockName));
    expect(run(['backup', '--dir', folder])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'Another backup is running.\n',
    });
    release?.();
    const inTheWay = join(folder, 'file');
    writeFileSync(inTheWay, '');
    expect(run(['backup', '--dir', inTheWay]).stderr).toMatch(
      /^No backup was created: it could not be written: .*\n$/,
    );
    expect(run(['backup', '--keep', '0']).code).toBe(2);
    expect(run(['backup'], undefined, { BACKUP_KEEP: 'x' })).toMatchObject({ code: 2, stdout: '' });
    expect(run(['backup'], '/nowhere/none.db').stderr).toMatch(/does not exist/);
  });

  test('a restore brings back the backup, names what is lost, and keeps the replaced file', async () => {
    const mine = new Shop();
    mine.open(await startServer({ runtime }));
    const { databaseFile } = mine.server;
    onTestFinished(() => rmSync(dirname(databaseFile), { recursive: true, force: true }));
    const drop = await mine.createDrop();
    const before = await mine.buy(drop.id);
    const backup = json<Made>(['backup'], databaseFile);
    const after = await mine.buy(drop.id);

    const beside = run(['restore', backup.file, '--force'], databaseFile);
    expect([beside.code, beside.stderr]).toEqual([
      1,
      expect.stringMatching(/a server has .* open\. Stop it with SIGTERM .* `lsof -t .*\.lock`/),
    ]);
    expect((await mine.order(after)).order.status).toBe('held');
    await expectCleanEnd(mine.server);

    const unforced = run(['restore', backup.file], databaseFile);
    expect([unforced.code, unforced.stderr]).toEqual([1, expect.stringMatching(/--force to move it aside/)]);
    const restored = json<Restored>(['restore', backup.file, '--force'], databaseFile);
    expect(restored).toMatchObject({
      lastSeq: backup.lastSeq,
      movedAside: expect.stringContaining('before'),
    });
    expect(
      readFile(restored.movedAside, (open) => open.prepare('select count(*) from orders').pluck().get()),
    ).toBe(2);
    mine.open(await startServer({ runtime, databaseFile }));
    expect((await mine.order(before)).order.status).toBe('held');
    expect((await mine.send({ path: `/orders/${after.order.id}`, token: after.token })).status).toBe(404);
    await expectCleanEnd(mine.server);

    const target = join(scratchFolder(), 'deep', 'restored.db');
    const path = join(`${databaseFile}.backups`, backup.file);
    const reported = run(['restore', path, '--file', target], databaseFile).stdout;
    expect(reported).toContain(`Its last event is ${backup.lastSeq}, of ${restored.lastEventAt}.`);
    expect(reported).toContain('Later orders, payments and edits are lost.');
    const [certificate] = json<{ violations: string[] }[]>(['audit'], target);
    expect(certificate?.violations).toEqual([]);

    writeFileSync(`${path}.sha256`, `${'0'.repeat(64)}  ${basename(path)}\n`);
    const spoiled = run(['restore', path, '--file', `${target}.other`], databaseFile);
    expect([spoiled.code, spoiled.stdout]).toEqual([1, '']);
    expect(spoiled.stderr).toMatch(/can't be restored: its checksum does not match: .*\n$/);
    expect(readdirSync(dirname(target)).filter((name) => name.startsWith('restored.db.other'))).toEqual([
      'restored.db.other.lock',
    ]);
  });

  test.each(runtime === 'node' ? (['SIGINT', 'SIGTERM'] as const) : (['SIGINT'] as const))(
    '%s leaves no partial file behind',
    async (signal) => {
      const mine = await startServer({ runtime });
      const { databaseFile } = mine;
      await expectCleanEnd(mine);
      onTestFinished(() => rmSync(dirname(databaseFile), { recursive: true, force: true }));
      addBallast(databaseFile);
      const folder = `${databaseFile}.backups`;
      mkdirSync(folder);
      const exitCode = { SIGINT: 130, SIGTERM: 143 }[signal];
      const hasPartial = (path: string) => readdirSync(path).some(isPartial);
      const backedUp = await interruptCommand(runtime, databaseFile, ['backup'], signal, () =>
        hasPartial(folder),
      );
      expect([backedUp.code, backedUp.stderr]).toEqual([exitCode, expect.stringContaining('Aborting.')]);
      expect(readdirSync(folder)).toEqual([lockName]);

      const { file } = json<Made>(['backup'], databaseFile);
      const target = join(scratchFolder(), 'restored.db');
      const restored = await interruptCommand(
        runtime,
        databaseFile,
        ['restore', file, '--file', target, '--dir', folder],
        signal,
        () => hasPartial(dirname(target)),
      );
      expect([restored.code, restored.stderr]).toEqual([exitCode, expect.stringContaining('Aborting.')]);
      expect([readdirSync(dirname(target)).filter(isPartial), existsSync(target)]).toEqual([[], false]);
    },
  );

  test.each([
    [
      ['restore', 'no-such.db'],
      /^There is no backup no-such\.db, neither in this folder nor in .*\.backups\.\n$/,
    ],
    [['restore', 'no-such.db', '--force'], /^There is no backup no-such\.db, /],
    [['restore', '/nowhere/no-such.db', '--force'], /^There is no backup \/nowhere\/no-such\.db\.\n$/],
    [['move', 'export', 'no-such'], /There is no drop "no-such" in .*drop\.db\.\n$/],
    [['move', 'import', '/nowhere/no-such.jsonl'], /\/nowhere\/no-such\.jsonl/],
    [['tokens', 'revoke', '987'], /^No valid token has the operator number 987\.\n$/],
    [['tokens', 'revoke', 'till'], /^"till" is not an operator’s number. /],
    [['load-test', '--drop', 'no-such'], /^There is no drop "no-such" in .*drop\.db\. List/],
  ])('%j names what it did not find', (args, said) => {
    const { code, stdout, stderr } = run(args, undefined, { SECRET_KEY: shop.server.secretKey });
    expect([code === 0, stdout]).toEqual([false, '']);
    expect(stderr).toMatch(said);
  });

  test('the earlier short forms do the same', () => {
    const { databaseFile } = shop.server;
    expect(runCommand(runtime, 'operator', databaseFile, ['list']).stdout).toBe(
      run(['tokens', 'list']).stdout,
    );
    expect(runCommand(runtime, 'audit', databaseFile, ['--help']).stdout).toContain('stampede audit');
    expect(runCommand(runtime, 'move', databaseFile, ['export', 'none'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^nothing was moved: /),
    });
  });
});
