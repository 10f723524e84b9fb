/** Every backup with one fault is refused for that fault, and nothing of it is left. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { copyProven, restorePartialOf } from '../../../../src/database/sqlite/restore.ts';
import { makeBackupFile } from '../../../support/backup-file.ts';
import { scratchFolder } from '../../../support/scratch-folder.ts';

let backup: string;
let database: string;
beforeEach(() => {
  ({ backup, database } = makeBackupFile());
});
const partial = (): string => restorePartialOf(database);
const prove = () => copyProven({ kind: 'restore', backup, partial: partial() });

/** Updates the backup's checksum, so that another check must find the fault. */
function sumAnew(): void {
  const sum = createHash('sha256').update(readFileSync(backup)).digest('hex');
  writeFileSync(`${backup}.sha256`, `${sum}  ${basename(backup)}\n`);
}

function overwrite(offset: number, bytes: Uint8Array): void {
  const descriptor = openSync(backup, 'r+');
  writeSync(descriptor, bytes, 0, bytes.length, offset);
  closeSync(descriptor);
}

/** Runs SQL on the backup, which stays a single file. */
function alter(sql: string): void {
  const connection = new Database(backup);
  connection.exec(sql);
  connection.close();
}

function rootOf(table: string): number {
  const connection = new Database(backup, { readonly: true });
  const page = connection
    .prepare<[string], number>('select rootpage from sqlite_schema where name = ?')
    .pluck()
    .get(table);
  connection.close();
  return page ?? 0;
}

const middle = (): number => Math.floor(readFileSync(backup).length / 2);
const flip = (): void => overwrite(middle(), new Uint8Array([(readFileSync(backup)[middle()] ?? 0) ^ 1]));

const spoiled: readonly { name: string; spoil: () => void; reason: RegExp }[] = [
  { name: 'one flipped byte', spoil: flip, reason: /checksum does not match/ },
  {
    name: 'a truncated file',
    spoil: () => truncateSync(backup, middle()),
    reason: /checksum does not match/,
  },
  {
    name: 'another checksum',
    spoil: () => writeFileSync(`${backup}.sha256`, `${'0'.repeat(64)}  ${basename(backup)}\n`),
    reason: /checksum does not match/,
  },
  {
    name: 'the checksum of another file',
    spoil: () => writeFileSync(`${backup}.sha256`, `${'0'.repeat(64)}  other.db\n`),
    reason: /is missing or names another file/,
  },
  {
    name: 'an invalid checksum',
    spoil: () => writeFileSync(`${backup}.sha256`, 'none\n'),
    reason: /is missing or names another file/,
  },
  {
    name: 'a truncated file with a matching checksum',
    spoil: () => {
      truncateSync(backup, middle());
      sumAnew();
    },
    reason: /truncated: it has \d+ bytes of \d+/,
  },
  {
    name: 'a corrupt page with a matching checksum',
    spoil: () => {
      overwrite((rootOf('orders_customer_key') - 1) * 4096, Buffer.alloc(200, 0xff));
      sumAnew();
    },
    reason: /integrity: |malformed/,
  },
  {
    name: 'a corrupt schema with a matching checksum',
    spoil: () => {
      overwrite(100, Buffer.alloc(400, 0xff));
      sumAnew();
    },
    reason: /malformed|not a database/,
  },
  {
    name: 'a text',
    spoil: () => {
      writeFileSync(backup, 'This is no database, and it is long enough for the head of one. '.repeat(20));
      sumAnew();
    },
    reason: /not an SQLite database/,
  },
  {
    name: 'an empty file',
    spoil: () => {
      writeFileSync(backup, '');
      sumAnew();
    },
    reason: /not an SQLite database/,
  },
  {
    name: 'a live file without its WAL',
    spoil: () => {
      alter('pragma journal_mode = wal');
      sumAnew();
    },
    reason: /without its -wal/,
  },
  {
    name: 'a database of another program',
    spoil: () => {
      alter('drop table __drizzle_migrations');
      sumAnew();
    },
    reason: /another program/,
  },
  {
    name: 'an older schema',
    spoil: () => {
      alter(
        'delete from __drizzle_migrations where created_at = (select max(created_at) from __drizzle_migrations)',
      );
      sumAnew();
    },
    reason: /schema is older/,
  },
  {
    name: 'a newer schema',
    spoil: () => {
      alter("insert into __drizzle_migrations (hash, created_at) values ('of tomorrow', 9999999999999)");
      sumAnew();
    },
    reason: /newer schema/,
  },
  {
    name: 'an order that its log lacks',
    spoil: () => {
      alter("update orders set status = 'paid'");
      sumAnew();
    },
    reason: /counters_match_orders: .*; and \d+ more/,
  },
  { name: 'a folder', spoil: () => (backup = scratchFolder()), reason: /no such file/ },
  { name: 'nothing', spoil: () => (backup = join(scratchFolder(), 'none.db')), reason: /no such file/ },
];

describe('a backup is refused without a trace', () => {
  test.each(spoiled)('$name', ({ spoil, reason }) => {
    spoil();
    expect(prove).toThrow(reason);
    expect(existsSync(partial())).toBe(false);
    expect(existsSync(database)).toBe(false);
  });

  test('during another restore', () => {
    writeFileSync(partial(), 'of the other one');
    expect(prove).toThrow(/another restore is running/);
    expect(readFileSync(partial(), 'utf8')).toBe('of the other one');
  });
});
