/** `stampede restore`: puts a backup in the place of the database, and keeps the old one. */
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { startFileWork } from '../database/sqlite/backup-work.ts';
import { exchange, restorePartialOf, type Target, takeTarget } from '../database/sqlite/restore.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { type FolderOptions, folderOf, withFolder } from './backups.ts';
import { untilDone } from './interrupt.ts';
import { withFile, withJson } from './options.ts';
import { type OutputOptions, print } from './output.ts';
import { showProgress } from './progress.ts';
import { Refusal, reasonOf } from './refusal.ts';

type Options = FolderOptions & OutputOptions & { force?: boolean };

interface Restored {
  file: string;
  from: string;
  lastSeq: number;
  lastEventAt: string | null;
  /** Where the old database is now. */
  movedAside: string | null;
}

/** A name as `backups` shows it is looked for in the folder of backups. Throws `Refusal` where there is no such file. */
function pathOf(backup: string, options: FolderOptions): string {
  if (existsSync(backup)) return backup;
  if (basename(backup) !== backup) throw new Refusal(`There is no backup ${backup}.`);
  const folder = folderOf(options);
  const inFolder = join(folder, backup);
  if (existsSync(inFolder)) return inFolder;
  throw new Refusal(`There is no backup ${backup}, neither in this folder nor in ${folder}.`);
}

async function restore(from: string, file: string, isForced: boolean): Promise<Restored> {
  const target = takeTarget(file, isForced);
  const partial = restorePartialOf(target.databaseFile);
  try {
    const progress = showProgress(process.stderr);
    const work = startFileWork({ kind: 'restore', backup: from, partial }, systemClock, progress.tell);
    return await untilDone(work, ({ lastSeq, lastEventAt }) => {
      progress.end();
      const movedAside = putInPlace(target, partial);
      const at = lastEventAt === null ? null : new Date(lastEventAt).toISOString();
      return { file, from, lastSeq, lastEventAt: at, movedAside };
    }).finally(progress.end);
  } finally {
    target.release();
  }
}

function putInPlace(target: Target, partial: string): string | null {
  try {
    return exchange(target, partial, Date.now());
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function textOf({ file, from, lastSeq, lastEventAt, movedAside }: Restored): string {
  const last =
    lastEventAt === null ? 'Its log is empty.' : `Its last event is ${lastSeq}, of ${lastEventAt}.`;
  return [
    `${file} is restored from ${from}.`,
    `${last} What happened after that is lost here: orders, payments, edits.`,
    'Compare the payment provider’s list from then on with `audit` before the shop opens.',
    ...(movedAside === null ? [] : [`The old database is kept as ${movedAside}.`]),
    'Start the server with the SECRET_KEY that belongs to this database.',
  ].join('\n');
}

export const restoreCommand = (): Command =>
  withFolder(withJson(withFile(new Command('restore'))))
    .description('put a backup in the place of the database, with the server stopped')
    .argument('<backup>', 'its path, or its name as `backups` shows it')
    .option('--force', 'move an existing database aside, and keep it')
    .addHelpText(
      'after',
      `
The backup is copied beside the database and proven there: its checksum, its pages, its schema, its audit. Then they change
places. What happened after the backup is lost.

Examples:
  $ npm run stampede -- restore stampede-20270131T180000Z-1234.db
  $ npm run stampede -- restore /mnt/backups/stampede-20270131T180000Z-1234.db --file data/stampede.db --force`,
    )
    .action(async (backup: string, options: Options) => {
      const from = pathOf(backup, options);
      const restored = await restore(from, options.file, options.force ?? false).catch((error: unknown) => {
        throw new Refusal(`${from} can't be restored: ${reasonOf(error)}`);
      });
      print(restored, textOf, options);
    });
