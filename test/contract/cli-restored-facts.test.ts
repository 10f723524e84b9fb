/** A restore and what only the replaced file knows: the deployment's mark, and moved drops. */
import { copyFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { carryMark, factsOf } from '../../src/database/sqlite/replaced-file.ts';
import { makeBackupFile } from '../support/backup-file.ts';
import { machines } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';

let backup: string;
let database: string;
beforeEach(() => {
  ({ backup, database } = makeBackupFile());
  copyFileSync(backup, database);
});
const change = (sql: string, file = database): void => {
  const connection = new Database(file);
  connection.exec(sql);
  connection.close();
};

describe.each(machines)('a restore, on %s', (runtime) => {
  const restore = (...more: string[]) =>
    runCommand(runtime, 'stampede', database, ['restore', backup, '--force', ...more]);

  test('names the drops that the old file had marked as moved', () => {
    change('update drops set moved_at = 1');
    const { moved } = factsOf(database);
    expect(moved).toHaveLength(1);
    const { code, stdout, stderr } = restore();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`drops that had moved to another deployment: ${moved[0]?.slug}.`);
    expect(stdout).not.toContain('another mark');
    expect(JSON.parse(restore('--json').stdout)).toMatchObject({ revivedDrops: [], hasOtherMark: false });
  });

  test('keeps the mark of the backup, and reports that the replaced file had another one', () => {
    const { mark } = factsOf(backup);
    change(`update deployment set mark = '${'f'.repeat(32)}'`);
    const { code, stdout, stderr } = restore();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('The old database had another mark.');
    expect(factsOf(database).mark).toBe(mark);
  });
});

test('a backup without a mark gets the one of the file that it replaces', () => {
  const facts = factsOf(backup);
  expect(facts.mark).toMatch(/^[0-9a-f]{32}$/);
  change('delete from deployment');
  expect([carryMark(database, facts), factsOf(database).mark]).toEqual([false, facts.mark]);
});
