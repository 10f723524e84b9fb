/** A restore and the operator tokens revoked after the backup: named, or revoked before a start. */
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { expectCleanEnd, machines } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { startServer } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';

interface Token {
  id: number;
  name: string;
}
interface Restored {
  tokens: { revived: Token[]; isCompared: boolean; revoked: Token[] };
}

describe.each(machines)('a restore, on %s', (runtime) => {
  const run = (args: string[], file: string) => runCommand(runtime, 'stampede', file, args);
  const json = <T>(args: string[], file: string): T => {
    const { code, stdout, stderr } = run([...args, '--json'], file);
    expect([args, code], stderr).toEqual([args, 0]);
    return JSON.parse(stdout) as T;
  };

  test('names the tokens that it makes valid again, and revokes all on request', async () => {
    const mine = new Shop();
    mine.open(await startServer({ runtime }));
    const { databaseFile } = mine.server;
    onTestFinished(() => rmSync(dirname(databaseFile), { recursive: true, force: true }));
    await mine.createDrop();
    const add = (name: string) =>
      json<Token & { token: string }>(['tokens', 'add', name, '--scopes', 'drops:read'], databaseFile);
    const kept = add('kept');
    const leaked = add('leaked');
    const { file } = json<{ file: string }>(['backup'], databaseFile);
    expect(run(['tokens', 'revoke', String(leaked.id)], databaseFile).code).toBe(0);
    const later = add('later');
    await expectCleanEnd(mine.server);
    const statuses = async (): Promise<number[]> => {
      mine.open(await startServer({ runtime, databaseFile }));
      const answers = [];
      for (const { token } of [kept, leaked, later]) {
        answers.push((await mine.send({ path: '/admin/drops', token })).status);
      }
      await expectCleanEnd(mine.server);
      return answers;
    };

    const revived = [{ id: leaked.id, name: 'leaked' }];
    const target = join(scratchFolder(), 'elsewhere.db');
    const folder = `${databaseFile}.backups`;
    const unknown = run(['restore', file, '--file', target, '--dir', folder], databaseFile);
    expect(unknown.stdout).toContain(`${kept.id} (kept), ${leaked.id} (leaked). Without a readable old`);
    const compared = run(['restore', file, '--force'], databaseFile).stdout;
    expect(compared).toContain(`the old database refused them: ${leaked.id} (leaked).`);
    expect(compared).toContain(`tokens revoke ${leaked.id} --file ${databaseFile}\n`);
    // As the command says: tokens of the backup are valid, revoked ones included, and later ones
    // are not.
    expect(await statuses()).toEqual([200, 200, 401]);
    expect(run(['tokens', 'revoke', String(leaked.id)], databaseFile).code).toBe(0);

    const { tokens } = json<Restored>(['restore', file, '--force', '--revoke-tokens'], databaseFile);
    expect(tokens).toEqual({
      revived,
      isCompared: true,
      revoked: [{ id: kept.id, name: 'kept' }, ...revived],
    });
    const events = readFile(databaseFile, (open) =>
      open.prepare("select actor from events where kind = 'operator_revoked'").pluck().all(),
    );
    expect(events).toEqual(['console', 'console']);
    expect(readdirSync(dirname(databaseFile)).filter((name) => name.includes('partial'))).toEqual([]);
    const [certificate] = json<{ violations: string[] }[]>(['audit'], databaseFile);
    expect(certificate?.violations).toEqual([]);
    expect(await statuses()).toEqual([401, 401, 401]);
  });
});
