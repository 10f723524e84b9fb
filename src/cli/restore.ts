/** `stampede restore`: replaces the database by a backup, and keeps the old database. */
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { startFileWork } from '../database/sqlite/backup-work.ts';
import { carryMark, revivedDrops } from '../database/sqlite/replaced-file.ts';
import { claimTarget, exchange, restorePartialOf, type Target } from '../database/sqlite/restore.ts';
import { revokeTokens, validTokens } from '../database/sqlite/restored-tokens.ts';
import { asTyped } from '../runtime/as-typed.ts';
import { systemClock } from '../split/system-clock.ts';
import { type FolderOptions, folderOf, withFolder } from './backups.ts';
import { untilDone } from './interrupt.ts';
import { withFile, withJson } from './options.ts';
import { type OutputOptions, plain, print } from './output.ts';
import { showProgress } from './progress.ts';
import { Refusal, reasonOf } from './refusal.ts';

type Options = FolderOptions & OutputOptions & { force?: boolean; revokeTokens?: boolean };

interface Restored {
  file: string;
  from: string;
  lastSeq: number;
  lastEventAt: string | null;
  /** Where the old database is now. */
  movedAside: string | null;
  tokens: Tokens;
  /**
   * Slugs of drops that are on sale in the backup although the replaced database had marked them as
   * moved.
   */
  revivedDrops: string[];
  /** Whether the replaced database had another mark than the backup, which keeps its own. */
  hasOtherMark: boolean;
}

interface Token {
  id: number;
  name: string;
}

/** Operator tokens of the backup that need a check. */
interface Tokens {
  /** Valid here and not in the replaced database; every valid one if that could not be read. */
  revived: Token[];
  isCompared: boolean;
  /** Tokens that `--revoke-tokens` revoked. */
  revoked: Token[];
}

/** Looks for a backup in the backup folder, too. Throws `Refusal` if there is no such file. */
function pathOf(backup: string, options: FolderOptions): string {
  if (existsSync(backup)) return backup;
  if (basename(backup) !== backup) throw new Refusal(`There is no backup ${backup}.`);
  const folder = folderOf(options);
  const inFolder = join(folder, backup);
  if (existsSync(inFolder)) return inFolder;
  throw new Refusal(`There is no backup ${backup}, neither in this folder nor in ${folder}.`);
}

async function restore(from: string, { file, force, ...options }: Options): Promise<Restored> {
  const target = claimTarget(file, force ?? false);
  const partial = restorePartialOf(target.databaseFile);
  try {
    const progress = showProgress(process.stderr);
    const work = startFileWork({ kind: 'restore', backup: from, partial }, systemClock, progress.report);
    return await untilDone(work, ({ lastSeq, lastEventAt }) => {
      progress.end();
      const placed = putInPlace(target, partial, options.revokeTokens ?? false);
      const at = lastEventAt === null ? null : new Date(lastEventAt).toISOString();
      return { file, from, lastSeq, lastEventAt: at, ...placed };
    }).finally(progress.end);
  } finally {
    target.release();
  }
}

const shown = ({ id, name }: Token): Token => ({ id, name });

/** Checks the tokens, and revokes them if requested, before a server can accept them. */
function putInPlace(
  target: Target,
  partial: string,
  mustRevoke: boolean,
): Pick<Restored, 'movedAside' | 'tokens' | 'revivedDrops' | 'hasOtherMark'> {
  try {
    const valid = validTokens(partial);
    const { acceptedHashes, replaced } = target;
    const revived = valid.filter(({ tokenHash }) => acceptedHashes?.has(tokenHash) !== true).map(shown);
    if (mustRevoke) revokeTokens(partial, valid, Date.now());
    const tokens = {
      revived,
      isCompared: acceptedHashes !== null,
      revoked: mustRevoke ? valid.map(shown) : [],
    };
    return {
      tokens,
      revivedDrops: replaced ? revivedDrops(partial, replaced) : [],
      hasOtherMark: replaced ? carryMark(partial, replaced) : false,
      // Swap last: until then, the new file is at `partial`.
      movedAside: exchange(target, partial, Date.now()),
    };
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function tokenLines(file: string, { revived, isCompared, revoked }: Tokens): string[] {
  const names = (tokens: readonly Token[]): string =>
    tokens.map(({ id, name }) => `${id} (${plain(name)})`).join(', ');
  if (revoked.length > 0) {
    return [`These operator tokens are revoked: ${names(revoked)}. Create new ones with \`tokens add\`.`];
  }
  if (revived.length === 0) return [];
  const commands = revived.map(({ id }) =>
    asTyped(`  npm run stampede -- tokens revoke ${id} --file ${file}`),
  );
  return isCompared
    ? [
        `These operator tokens are valid again; the old database refused them: ${names(revived)}.`,
        'Revoke them before the server starts:',
        ...commands,
      ]
    : [
        `These operator tokens are valid: ${names(revived)}. Without a readable old database, it is unknown which were revoked since.`,
        'Revoke those that should not be valid before the server starts:',
        ...commands,
      ];
}

const dropLines = (revived: readonly string[]): string[] =>
  revived.length === 0
    ? []
    : [
        `The backup contains drops that had moved to another deployment: ${revived.join(', ')}.`,
        'They are on sale there now. Keep the shop closed until you have paused each drop here and marked it again with `move export`.',
      ];

const markLines = (hasOtherMark: boolean): string[] =>
  hasOtherMark
    ? [
        'The old database had another mark. Payments for orders that exist only there are not recorded; the log and an alert report them.',
      ]
    : [];

function textOf(restored: Restored): string {
  const { file, from, lastSeq, lastEventAt, movedAside, tokens } = restored;
  const last =
    lastEventAt === null ? 'Its log is empty.' : `Its last event is ${lastSeq}, of ${lastEventAt}.`;
  return [
    `${file} is restored from ${from}.`,
    `${last} Later orders, payments and edits are lost.`,
    'Before you open the shop, compare the payment provider’s list of later payments with `audit`.',
    ...(movedAside === null ? [] : [`The old database is kept as ${movedAside}.`]),
    ...tokenLines(file, tokens),
    ...dropLines(restored.revivedDrops),
    ...markLines(restored.hasOtherMark),
    'Start the server with the SECRET_KEY that belongs to this database.',
  ].join('\n');
}

export const restoreCommand = (): Command =>
  withFolder(withJson(withFile(new Command('restore'))))
    .description('replace the database by a backup, with the server stopped')
    .argument('<backup>', 'path of a backup, or its name as listed by `backups`')
    .option('--force', 'move an existing database aside and keep it')
    .option('--revoke-tokens', 'revoke every operator token of the backup before a server can accept it')
    .addHelpText(
      'after',
      `
The backup is copied to the database's folder, and its checksum, pages, schema and audit are verified. Then the two are swapped.
Changes after the backup are lost. Tokens revoked since then are valid again; the command lists them.

Examples:
  $ npm run stampede -- restore stampede-20270131T180000Z-1234.db
  $ npm run stampede -- restore /mnt/backups/stampede-20270131T180000Z-1234.db --file data/stampede.db --force`,
    )
    .action(async (backup: string, options: Options) => {
      const from = pathOf(backup, options);
      const restored = await restore(from, options).catch((error: unknown) => {
        throw new Refusal(`${from} can't be restored: ${reasonOf(error)}`);
      });
      print(restored, textOf, options);
    });
