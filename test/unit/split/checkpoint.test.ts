/** When the WAL is checkpointed and when the writer waits: a long read's end causes no stall. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Checkpointer, createCheckpointer } from '../../../src/split/checkpoint.ts';
import { openReader, openWriter, type SqliteConnection } from '../../../src/split/connection.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const bounds = { startPages: 40, capPages: 400 };
const commitsPerLook = 32;

let writer: SqliteConnection;
let copier: SqliteConnection;
let reader: SqliteConnection;
let checkpointer: Checkpointer;
let copies: number;
beforeEach(() => {
  const settings = settingsFor(migratedFile());
  writer = openWriter(settings);
  copier = openWriter(settings);
  reader = openReader(settings);
  writer.exec('create table filling (bytes)');
  copies = 0;
  checkpointer = createCheckpointer(
    writer,
    () => {
      copies += 1;
    },
    bounds,
  );
});
afterEach(() => {
  for (const connection of [reader, copier, writer]) connection.close();
});

function write(pages: number): void {
  const insert = writer.prepare('insert into filling values (randomblob(4000))');
  writer.transaction(() => {
    for (let page = 0; page < pages; page += 1) insert.run();
  })();
  for (let commit = 0; commit < commitsPerLook; commit += 1) checkpointer.afterCommit();
}

/** The work of the copying thread. */
function copy(): void {
  copier.pragma('wal_checkpoint(PASSIVE)');
}

describe('without a long read', () => {
  test('a checkpoint starts by itself, and the next write restarts the WAL', () => {
    write(bounds.startPages / 2);
    expect(copies).toBe(0);
    write(bounds.startPages);
    expect(copies).toBe(1);
    copy();
    write(10);
    checkpointer.afterCopy();
    write(1);
    expect([copies, checkpointer.mustWait()]).toEqual([1, false]);
    expect(checkpointer.walPages()).toBeLessThan(10);
  });

  test('the writer waits at the size cap until the checkpoint has ended', () => {
    write(bounds.startPages * 2);
    expect(checkpointer.mustWait()).toBe(false);
    write(bounds.capPages);
    expect(checkpointer.mustWait()).toBe(true);
    copy();
    checkpointer.afterCopy();
    expect(checkpointer.mustWait()).toBe(false);
  });

  test('a long remainder is left to the checkpoint thread again', () => {
    write(bounds.startPages * 2);
    // A checkpoint ends at the oldest reader, like a slow one during which the writer goes on.
    reader.exec('begin');
    reader.prepare('select count(*) from filling').get();
    write(bounds.startPages * 2);
    copy();
    reader.exec('rollback');
    checkpointer.afterCopy();
    expect(copies).toBe(2);
    copy();
    checkpointer.afterCopy();
    write(1);
    expect([copies, checkpointer.walPages() < 10]).toEqual([2, true]);
  });
});

describe('with a long read', () => {
  beforeEach(() => {
    reader.exec('begin');
    reader.prepare('select count(*) from filling').get();
  });

  test('no checkpoint completes, the writer continues, and checkpoints are not repeated endlessly', () => {
    // Pages from before the read can be checkpointed, and are out of the way here.
    copy();
    for (let round = 1; round <= 4; round += 1) {
      write(bounds.capPages);
      copy();
      checkpointer.afterCopy();
      expect([copies, checkpointer.mustWait()]).toEqual([round, false]);
    }
  });

  test('after its end the writer continues during the large checkpoint, up to the size cap', () => {
    write(2 * bounds.capPages);
    copy();
    checkpointer.afterCopy();
    reader.exec('rollback');
    write(1);
    expect([copies, checkpointer.mustWait()]).toEqual([2, false]);
    write(bounds.capPages / 8);
    expect(checkpointer.mustWait()).toBe(false);
    write(bounds.capPages / 4);
    expect(checkpointer.mustWait()).toBe(true);
    copy();
    checkpointer.afterCopy();
    write(1);
    expect([checkpointer.mustWait(), checkpointer.walPages() < 10]).toEqual([false, true]);
  });
});
