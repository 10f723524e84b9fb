/** A path that now names another file: neither it nor its log is taken for the original. */
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeBackup } from '../../../src/database/sqlite/backup.ts';
import { auditFile } from '../../../src/database/sqlite/file-rows.ts';
import { openCopier, openReader, openWriter, type SqliteConnection } from '../../../src/split/connection.ts';
import { createIdentityCheck, openVerified } from '../../../src/split/file-identity.ts';
import { holdAlone } from '../../../src/split/file-lock.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const gone = /is missing, but its log .*-wal exists. Put the file back/;
let file: string;
let writer: SqliteConnection;
beforeEach(() => {
  file = migratedFile();
  writer = openWriter(settingsFor(file));
  writer.exec("insert into links (last_seq, hash) values (1, 'a hash')");
});
afterEach(() => writer.close());

const moveAway = (): void => renameSync(file, `${file}.own`);
const putBack = (): void => renameSync(`${file}.own`, file);

describe('an empty file with the WAL of another one', () => {
  const backUp = () => {
    const settings = { folder: scratchFolder(), keep: 1, connection: settingsFor(file), partial: 'partial' };
    const outcome = makeBackup({ kind: 'backup', ...settings }, 1_000);
    if (outcome.kind === 'backup_failed') throw new Error(outcome.reason);
  };
  test.each([
    ['the checkpoint thread', () => openCopier(settingsFor(file))],
    ['a reader', () => openReader(settingsFor(file))],
    ['the console', () => openWriter(settingsFor(file))],
    ['a start', () => openShopFile(settingsFor(file))],
    ['an audit', () => auditFile(file)],
    ['a backup', backUp],
  ])('is not opened by %s, and the WAL stays', (_, open) => {
    const log = readFileSync(`${file}-wal`);
    moveAway();
    writeFileSync(file, '');
    expect(open).toThrow(gone);
    expect(readFileSync(`${file}-wal`)).toEqual(log);
    putBack();
    expect(writer.prepare('select last_seq from links').pluck().all()).toEqual([1]);
  });

  test('is replaced by a restore, which keeps the WAL of the other file', () => {
    moveAway();
    writeFileSync(file, '');
    const { size } = statSync(`${file}-wal`);
    holdAlone(file)?.();
    expect(statSync(`${file}-wal`).size).toBe(size);
    putBack();
  });

  test('is accepted where the WAL is empty too', () => {
    const own = join(scratchFolder(), 'new.db');
    writeFileSync(own, '');
    writeFileSync(`${own}-wal`, '');
    openShopFile(settingsFor(own)).close();
    expect(auditFile(own)).toEqual([]);
  });
});

test('a file that appears while the path is opened is closed unread', () => {
  const log = readFileSync(`${file}-wal`);
  const options = {
    fileMustExist: true,
    // Evaluated between the check of the name and its opening.
    get readonly() {
      moveAway();
      writeFileSync(file, '');
      return true;
    },
  };
  expect(() => openVerified(file, options)).toThrow('was removed or replaced while it was being opened');
  expect(readFileSync(`${file}-wal`)).toEqual(log);
  putBack();
});

describe('the check of a path', () => {
  test('names a missing file, and passes once the file is back', () => {
    const checkIdentity = createIdentityCheck(file, `${file}-wal`);
    checkIdentity();
    moveAway();
    expect(checkIdentity).toThrow(`${file} was removed or replaced`);
    writeFileSync(file, readFileSync(`${file}.own`));
    expect(checkIdentity).toThrow(`${file} was removed or replaced`);
    putBack();
    checkIdentity();
    renameSync(`${file}-wal`, `${file}-moved`);
    expect(checkIdentity).toThrow(`${file}-wal was removed or replaced`);
    renameSync(`${file}-moved`, `${file}-wal`);
    expect(existsSync(file)).toBe(true);
  });
});
