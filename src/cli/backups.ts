/** `stampede backup` and `stampede backups`: back up the database, and list the backups. */
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { InferOutput } from 'valibot';
import type { backup as backupShape } from '../answers/schemas.ts';
import { bytesOf, namedBackups, notedSum, partialName, sumOf } from '../database/sqlite/backup-folder.ts';
import { startFileWork } from '../database/sqlite/backup-work.ts';
import type { Backup, BackupOutcome } from '../domain/backup.ts';
import { BACKUP_KEEP_MAX } from '../limits.ts';
import { mustHaveOneName } from '../split/other-names.ts';
import { systemClock } from '../split/system-clock.ts';
import { commit, writing } from './console-commit.ts';
import { untilDone } from './interrupt.ts';
import {
  connectionTo,
  type FileOptions,
  fromEnvironment,
  mustExist,
  wholeNumber,
  withFile,
  withJson,
} from './options.ts';
import { type OutputOptions, print, say, sizeText, table } from './output.ts';
import { showProgress } from './progress.ts';
import { Refusal, reasonOf } from './refusal.ts';
import { ask, type ServerOptions, withServer } from './server.ts';

type MadeBackup = InferOutput<typeof backupShape>;
export interface FolderOptions extends FileOptions {
  dir?: string;
}
type MakeOptions = FolderOptions & ServerOptions & OutputOptions & { keep: number };

const KEEP_DEFAULT = '14';

export const withFolder = (command: Command): Command =>
  command.option('--dir <folder>', 'the backup folder (BACKUP_DIR, or the file’s name with .backups)');
export const folderOf = ({ dir, file }: FolderOptions): string =>
  dir ?? fromEnvironment('BACKUP_DIR') ?? `${file}.backups`;

function textOf({ file, bytes, lastSeq, sha256, removed }: MadeBackup): string {
  const gone = removed === 0 ? '' : `, ${removed} older deleted`;
  return `${file}: ${sizeText(bytes)}, up to event ${lastSeq}${gone}\nsha256 ${sha256}`;
}

function expectMade(outcome: BackupOutcome): Backup {
  switch (outcome.kind) {
    case 'backed_up':
      return outcome.backup;
    case 'backup_running':
      throw new Refusal('Another backup is running.');
    case 'overloaded':
      throw new Refusal('All readers are in use.');
    case 'backup_failed': {
      const what = {
        no_space: 'the disk is full',
        unsound: 'the copy failed its audit',
        io: 'it could not be written',
      };
      throw new Refusal(`No backup was created: ${what[outcome.failure]}: ${outcome.reason}`);
    }
  }
}

async function makeFromFile({ keep, ...options }: MakeOptions): Promise<MadeBackup> {
  const { file } = options;
  mustExist(file);
  // A server may use another name of the file, and that name's log has its last orders.
  mustHaveOneName(file);
  const folder = folderOf(options);
  const partial = partialName(Date.now(), process.pid);
  const progress = showProgress(process.stderr);
  const job = { kind: 'backup', connection: connectionTo(file), folder, keep, partial } as const;
  const work = startFileWork(job, systemClock, progress.report);
  const made = await untilDone(work, expectMade).finally(progress.end);
  try {
    writing(file, (connection) =>
      commit(connection, { kind: 'logAction', actor: 'console', action: 'backed_up', dropId: null }),
    );
  } catch (error) {
    say(`The backup is complete, but could not be recorded in the event log: ${reasonOf(error)}`);
  }
  return { ...made, createdAt: new Date(made.createdAt).toISOString() };
}

export const backupCommand = (): Command =>
  withServer(withFolder(withJson(withFile(new Command('backup')))))
    .description('back up the database and verify the copy, with or without a running server')
    .addOption(
      new Option('--keep <count>', 'number of backups to keep, including this one (BACKUP_KEEP)')
        .argParser(wholeNumber(1, BACKUP_KEEP_MAX))
        .env('BACKUP_KEEP')
        .default(Number(KEEP_DEFAULT)),
    )
    .addHelpText(
      'after',
      `
The backup includes everything acknowledged before it started. With --url, that server makes it, in its own folder.

Examples:
  $ npm run stampede -- backup
  $ npm run stampede -- backup --file /var/lib/stampede/stampede.db --dir /mnt/backups --keep 30
  $ npm run stampede -- backup --url https://shop.example --token-file token.txt --json`,
    )
    .action(async (options: MakeOptions) =>
      print(
        options.url === undefined
          ? await makeFromFile(options)
          : await ask<MadeBackup>(options, 'POST', '/admin/backup'),
        textOf,
        options,
      ),
    );

interface ListedBackup {
  file: string;
  bytes: number;
  lastSeq: number;
  createdAt: string;
  checksum: 'valid' | 'invalid' | 'missing';
}

function list(folder: string): ListedBackup[] {
  const progress = showProgress(process.stderr);
  try {
    return namedBackups(folder).map(({ file, lastSeq, createdAt }) => {
      const path = join(folder, file);
      const noted = notedSum(path);
      const bytes = bytesOf(path);
      const isFit =
        noted !== null &&
        noted === sumOf(path, (done) => progress.report({ step: 'summing', done, total: bytes }));
      const checksum = noted === null ? 'missing' : isFit ? 'valid' : 'invalid';
      return { file, bytes, lastSeq, createdAt: new Date(createdAt).toISOString(), checksum };
    });
  } finally {
    progress.end();
  }
}

const listText =
  (folder: string) =>
  (backups: readonly ListedBackup[]): string =>
    table(
      ['FILE', 'SIZE', 'LAST EVENT', 'CHECKSUM'],
      backups.map(({ file, bytes, lastSeq, checksum }) => [file, sizeText(bytes), lastSeq, checksum]),
      `No backups yet in ${folder}. Make one with \`backup\`.`,
    );

export const backupsCommand = (): Command =>
  withFolder(withJson(withFile(new Command('backups'))))
    .description('list the backups, newest first, and verify their checksums')
    .addHelpText('after', '\nExample:\n  $ npm run stampede -- backups --json')
    .action((options: FolderOptions & OutputOptions) => {
      const folder = folderOf(options);
      const backups = list(folder);
      print(backups, listText(folder), options);
      // Exit status 1, so that a script need not parse the output.
      if (backups.some(({ checksum }) => checksum !== 'valid')) process.exitCode = 1;
    });
