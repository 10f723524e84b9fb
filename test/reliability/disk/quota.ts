/**
 * Makes backups of a small shop, and deletes a customer's data, under several quotas and with one
 * failing write; prints each result.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeBackup } from '../../../src/database/sqlite/backup.ts';
import { lockName, partialName } from '../../../src/database/sqlite/backup-folder.ts';
import { purgeDeleted, unfinishedSince } from '../../../src/database/sqlite/purge-deleted.ts';
import { commitShopCommands } from '../../../src/database/sqlite/shop-commands.ts';
import type { Backup } from '../../../src/domain/backup.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import { settingsFor } from '../../support/scratch-store.ts';
import { DiskControl } from './control.ts';

const [file = '', folder = '', controlFile = ''] = process.argv.slice(2);

const connection = openShopFile(settingsFor(file));
const committer = commitShopCommands(connection);
committer.commit([createDrop(), placeHold('ann')], noon);
const control = new DiskControl(controlFile, { isThere: true });
mkdirSync(folder);

const backUp = () =>
  makeBackup(
    { kind: 'backup', connection: settingsFor(file), folder, keep: 9, partial: partialName(noon, 1) },
    noon,
  );
const bytesOf = ({ file: name }: Backup): number => statSync(join(folder, name)).size;
const tell = (what: string): void => {
  const outcome = backUp();
  const reported = outcome.kind === 'backup_failed' ? outcome.failure : outcome.kind;
  const files = readdirSync(folder).filter((name) => name !== lockName).length;
  process.stdout.write(`${what}: ${reported}, ${files} files\n`);
};
// Counts only: none of them fails.
control.arm({ kind: 'write', at: 1_000_000, errno: 'EDQUOT', forever: false });
const first = backUp();
const writes = control.seen;
if (first.kind !== 'backed_up') throw new Error(first.kind);
const bytes = bytesOf(first.backup);
for (const [what, room] of [
  ['no room', 0],
  ['half the room', bytes >> 1],
  ['room for all but a page', bytes - 4_096],
  ['room for the copy, and not for its journal', bytes],
] as const) {
  control.limitRoom(room, 'EDQUOT');
  tell(what);
}
control.limitRoom(null);
// The last write is the checksum's, which the runtime makes; it reports the errno.
for (const [what, at] of [
  ['the sum', writes],
  ['a write that fails once', 1],
] as const) {
  control.arm({ kind: 'write', at, errno: 'EDQUOT', forever: false });
  tell(what);
}
control.disarm();

committer.commit([{ kind: 'eraseCustomer', actor: 'operator', customer: 'ann', openOrders: [] }], noon);
// Too small for the whole copy, so that it is written to a file.
connection.pragma('cache_size = 10');
const forget = (what: string): void => {
  let reported = 'no error';
  try {
    purgeDeleted(connection);
  } catch (error) {
    reported = error instanceof Error ? error.message : String(error);
  }
  const since = unfinishedSince(Number(connection.pragma('user_version', { simple: true })));
  process.stdout.write(`deletion, ${what}: ${reported}, ${since === null ? 'finished' : 'unfinished'}\n`);
};
for (const [what, room] of [
  ['no room', 0],
  ['half the room', bytes >> 1],
] as const) {
  control.limitRoom(room, 'EDQUOT');
  forget(what);
}
control.limitRoom(null);
control.arm({ kind: 'write', at: 1, errno: 'EDQUOT', forever: false });
forget('a write that fails once');
control.disarm();
forget('room again');
