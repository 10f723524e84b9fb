/** Backups of a file: complete and verified, one at a time, pruned, and without partial files. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BackupJob, makeBackup } from '../../../../src/database/sqlite/backup.ts';
import { lockName, partialName } from '../../../../src/database/sqlite/backup-folder.ts';
import { startFileWork } from '../../../../src/database/sqlite/backup-work.ts';
import { Backups } from '../../../../src/database/sqlite/backups.ts';
import type { FileProgress } from '../../../../src/database/sqlite/check-copy.ts';
import { auditFile, readFile } from '../../../../src/database/sqlite/file-rows.ts';
import type { Backup, BackupOutcome } from '../../../../src/domain/backup.ts';
import { BACKUP_SPARE_BYTES } from '../../../../src/limits.ts';
import { takeLock } from '../../../../src/split/file-lock.ts';
import { ReaderPool } from '../../../../src/split/reader-pool.ts';
import { systemClock } from '../../../../src/split/system-clock.ts';
import { addBallast } from '../../../support/ballast.ts';
import { createDrop, noon, placeHold } from '../../../support/commands.ts';
import { mustSkip } from '../../../support/loud-skip.ts';
import { scratchFolder } from '../../../support/scratch-folder.ts';
import { ScratchStore } from '../../../support/scratch-store.ts';

let store: ScratchStore;
let folder: string;
let job: BackupJob;
beforeEach(() => {
  store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ada'), noon + 1);
  folder = join(scratchFolder(), 'backups');
  const partial = partialName(noon, 1);
  job = { kind: 'backup', connection: store.settings, folder, keep: 14, partial };
});
afterEach(() => store[Symbol.dispose]());

/** A device on which every write fails with ENOSPC. */
const fullDevice = '/dev/full';
const mustSkipFull = mustSkip(
  existsSync(fullDevice),
  'a disk that fills up within a backup',
  `It needs ${fullDevice}, which Linux has.`,
);

function made(outcome: BackupOutcome): Backup {
  if (outcome.kind !== 'backed_up') throw new Error(JSON.stringify(outcome));
  return outcome.backup;
}
const filesIn = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name !== lockName)
    .sort();

describe('a backup', () => {
  test('has all committed data, is valid, and has a checksum file', () => {
    const backup = made(makeBackup(job, noon));
    expect(backup).toMatchObject({ file: 'stampede-20260131T120000Z-2.db', lastSeq: 2, removed: 0 });
    const path = join(folder, backup.file);
    const bytes = readFileSync(path);
    expect(backup.bytes).toBe(bytes.length);
    expect(backup.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${backup.sha256}  ${backup.file}\n`);
    expect(auditFile(path)).toEqual([]);
    const ordersIn = (file: string) => readFile(file, (open) => open.prepare('select * from orders').all());
    expect(ordersIn(path)).toEqual(ordersIn(store.settings.file));
    expect(ordersIn(path)).toHaveLength(1);
    expect(filesIn(folder)).toEqual([backup.file, `${backup.file}.sha256`]);
  });

  test('reports its progress', () => {
    const reported: FileProgress[] = [];
    makeBackup(job, noon, (progress) => reported.push(progress));
    expect([...new Set(reported.map(({ step }) => step))]).toEqual(['copying', 'checking', 'summing']);
    expect(reported.at(-1)?.done).toBe(reported.at(-1)?.total);
    const checks = reported.filter(({ step }) => step === 'checking');
    expect(checks.at(-1)?.done).toBe(checks.at(-1)?.total);
  });

  test('of the same second and event gets a distinct name', () => {
    const names = [makeBackup(job, noon), makeBackup(job, noon)].map((outcome) => made(outcome).file);
    expect(names).toEqual(['stampede-20260131T120000Z-2.db', 'stampede-20260131T120001Z-2.db']);
  });
});

describe('the folder', () => {
  test('keeps the newest backups and all other files', () => {
    mkdirSync(folder);
    const others = ['other.db', 'stampede-notes.db', 'stampede-20200101T000000Z-1.db.gz', 'drop.partial'];
    for (const name of others) writeFileSync(join(folder, name), '');
    const dayMs = 86_400_000;
    const outcomes = [0, 1, 2, 3].map((day) => made(makeBackup({ ...job, keep: 2 }, noon + day * dayMs)));
    expect(outcomes.map(({ removed }) => removed)).toEqual([0, 0, 1, 1]);
    const kept = outcomes.slice(2).flatMap(({ file }) => [file, `${file}.sha256`]);
    expect(filesIn(folder)).toEqual([...kept, ...others].sort());
  });

  test('keeps the new backup, also when the clock has gone back', () => {
    const [, last] = [noon, noon - 60_000].map((at) => made(makeBackup({ ...job, keep: 1 }, at)));
    expect(filesIn(folder)).toEqual([last?.file, `${last?.file}.sha256`]);
  });

  test('is cleared of the remains of an interrupted backup', () => {
    mkdirSync(folder);
    for (const name of [
      'stampede-20270101T000000Z-77.partial',
      'stampede-20270101T000000Z-77.partial-journal',
      'stampede-20270101T000000Z-5.db.sha256',
    ])
      writeFileSync(join(folder, name), 'x');
    const { file } = made(makeBackup(job, noon));
    expect(filesIn(folder)).toEqual([file, `${file}.sha256`]);
  });

  test('accepts one backup at a time', () => {
    const first = made(makeBackup(job, noon));
    writeFileSync(join(folder, partialName(noon, 2)), 'of the other one');
    const release = takeLock(join(folder, lockName));
    expect(makeBackup(job, noon)).toEqual({ kind: 'backup_running' });
    expect(filesIn(folder)).toEqual([first.file, `${first.file}.sha256`, partialName(noon, 2)]);
    release?.();
    expect(makeBackup(job, noon).kind).toBe('backed_up');
  });
});

describe('a backup that fails leaves nothing, and the older ones stay', () => {
  let before: string[];
  beforeEach(() => {
    made(makeBackup({ ...job, keep: 1 }, noon));
    before = filesIn(folder);
  });
  const again = (free?: () => number) => makeBackup({ ...job, keep: 1 }, noon + 1_000, undefined, free);

  test('for lack of space, before it uses the space that the writer needs', () => {
    const pages = Number(store.reader.pragma('page_count', { simple: true }));
    const needed = pages * 4_096 + BACKUP_SPARE_BYTES;
    expect(again(() => needed - 1)).toMatchObject({ kind: 'backup_failed', failure: 'no_space' });
    expect(filesIn(folder)).toEqual(before);
    expect(again(() => needed).kind).toBe('backed_up');
  });

  test.skipIf(mustSkipFull)('for lack of space midway', () => {
    symlinkSync(fullDevice, join(folder, job.partial));
    expect(again()).toMatchObject({
      kind: 'backup_failed',
      failure: 'no_space',
      reason: expect.stringContaining('full'),
    });
    expect(filesIn(folder)).toEqual(before);
  });

  test('because the database is corrupt', () => {
    store.writer.exec('update items set held = held + 1');
    expect(again()).toMatchObject({
      kind: 'backup_failed',
      failure: 'unsound',
      reason: expect.stringContaining('counters_match_orders'),
    });
    expect(filesIn(folder)).toEqual(before);
  });

  test('because the folder is not a folder', () => {
    const path = join(folder, before[0] ?? '');
    expect(makeBackup({ ...job, folder: path }, noon)).toMatchObject({
      kind: 'backup_failed',
      failure: 'io',
    });
    expect(filesIn(folder)).toEqual(before);
  });
});

describe('a backup in its thread', () => {
  test('runs alone, and counts among the readers', async () => {
    const pool = new ReaderPool(store.settings, 1);
    const backups = new Backups({ folder, keep: 14, connection: store.settings }, pool, systemClock);
    const first = backups.make();
    expect(pool.inUse).toBe(1);
    expect(await backups.make()).toEqual({ kind: 'backup_running' });
    made(await first);
    const reader = pool.lease();
    expect((await backups.make()).kind).toBe('overloaded');
    pool.release(reader);
    pool.close();
  });

  test('can be aborted, and leaves nothing', async () => {
    addBallast(store.settings.file);
    mkdirSync(folder);
    const work = startFileWork(job, systemClock);
    await expect.poll(() => readdirSync(folder), { interval: 1 }).toContain(job.partial);
    await work.end();
    await expect(work.done).rejects.toThrow('interrupted');
    expect(filesIn(folder)).toEqual([]);
    expect(made(makeBackup(job, noon)).lastSeq).toBe(2);
  });
});
