/** Exports a drop from a database file, and imports one into an empty file. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import { MACHINE } from '../../domain/shard.ts';
import { type ConnectionSettings, openWriter, type SqliteConnection } from '../../split/connection.ts';
import { FileInUseError, type ServerLock, takeServerLock } from '../../split/server-lock.ts';
import { deploymentReads } from '../deployment.ts';
import type { DropFileRules } from '../move/drop-file.ts';
import { exportDrop, MoveRefusedError, mustBeMovable } from '../move/export-drop.ts';
import { checkDropFile, importDrop } from '../move/import-drop.ts';
import type { SqlValue } from '../row-source.ts';
import { readFile, rowsOf } from './file-rows.ts';
import { isMigrated, migrateNewFile, mustBeCurrent } from './migrate.ts';
import { commitShopCommands } from './shop-commands.ts';

function dropIdOf(connection: SqliteConnection, slug: string, file: string): number {
  const find = connection.prepare<[string], number>('select id from drops where slug = ?').pluck();
  const dropId = find.get(slug);
  if (dropId === undefined)
    throw new MoveRefusedError(`There is no drop ${JSON.stringify(slug)} in ${file}.`);
  return dropId;
}

/** Sets or removes the mark of a move. A running server sees the commit and applies it. */
function mark(connection: SqliteConnection, dropId: number, isMoved: boolean, now: number): void {
  commitShopCommands(connection).commit([{ kind: 'moveDrop', actor: 'console', dropId, isMoved }], now);
}

/** Removes the mark of an export. Throws if there is no such drop. */
export function undoMove(settings: ConnectionSettings, slug: string, now: number): void {
  readFile(settings.file, (connection) => {
    mustBeCurrent(connection, settings.file);
    dropIdOf(connection, slug, settings.file);
  });
  const connection = openWriter(settings);
  try {
    mark(connection, dropIdOf(connection, slug, settings.file), false, now);
  } finally {
    connection.close();
  }
}

/**
 * Marks the drop as moved and yields the lines of its file. If the drop cannot move, throws before
 * the first line and leaves no mark.
 */
export function* exportFromFile(
  settings: ConnectionSettings,
  slug: string,
  now: number,
  rules: DropFileRules,
): Generator<string> {
  const wasMoved = readFile(settings.file, (connection) => {
    mustBeCurrent(connection, settings.file);
    const dropId = dropIdOf(connection, slug, settings.file);
    mustBeMovable(rowsOf(connection), dropId, MACHINE, now, rules);
    const isMarked = connection.prepare<[number], number>(
      'select moved_at is not null from drops where id = ?',
    );
    return isMarked.pluck().get(dropId) === 1;
  });
  const connection = openWriter(settings);
  try {
    const dropId = dropIdOf(connection, slug, settings.file);
    mark(connection, dropId, true, now);
    const lines = exportDrop(rowsOf(connection), dropId, MACHINE, now, rules.sign);
    try {
      // Check again now that the drop can't change any more, because a server may be running.
      yield lines.next().value ?? '';
    } catch (error) {
      if (!wasMoved && error instanceof MoveRefusedError) mark(connection, dropId, false, now);
      throw error;
    }
    yield* lines;
  } finally {
    connection.close();
  }
}

const hasRows = (connection: SqliteConnection): boolean =>
  connection.prepare<[], number>('select exists (select 1 from events)').pluck().get() === 1;

/** The mark of a file in use; undefined if it is empty. Throws on another program's file. */
function markInUse({ file }: ConnectionSettings): string | null | undefined {
  if (!existsSync(file) || statSync(file).size === 0) return undefined;
  return readFile(file, (connection) =>
    isMigrated(connection, file) && hasRows(connection)
      ? deploymentReads(drizzle(connection, { schema })).deploymentMark()
      : undefined,
  );
}

/**
 * Imports a drop into a new database file. Throws before creating or opening the database if the
 * drop file or the database is refused; a later failure leaves no drop in it.
 */
export function importIntoFile(
  settings: ConnectionSettings,
  text: string,
  rules: DropFileRules,
): { slug: string } {
  const mark = markInUse(settings);
  const { source: from } = checkDropFile(text, rules);
  if (mark !== undefined) {
    throw new MoveRefusedError(
      mark !== null && mark === from.deployment
        ? 'The drop was exported from this database file. If no other deployment has imported it, undo the export with `move undo`.'
        : 'The database file already has data. A moved drop keeps its keys, so it needs an empty database file.',
    );
  }
  mkdirSync(dirname(settings.file), { recursive: true });
  const lock = lockUnused(settings.file);
  try {
    return importLocked(settings, text, rules);
  } finally {
    lock.release();
  }
}

/** Locks the file, because a server that has it open keeps names and positions in memory. */
function lockUnused(file: string): ServerLock {
  try {
    return takeServerLock(file);
  } catch (error) {
    if (!(error instanceof FileInUseError)) throw error;
    throw new MoveRefusedError(`A server has this file open. Stop it, then import again. ${error.message}`);
  }
}

function importLocked(settings: ConnectionSettings, text: string, rules: DropFileRules): { slug: string } {
  const connection = openWriter(settings);
  try {
    migrateNewFile(connection, settings.file);
    connection.exec('BEGIN IMMEDIATE');
    const insert = (table: string, columns: readonly string[], values: readonly SqlValue[]): void => {
      const names = columns.map((name) => `"${name}"`).join(', ');
      connection
        .prepare(`insert into ${table} (${names}) values (${columns.map(() => '?').join(', ')})`)
        .run(...values);
    };
    // This transaction is already one snapshot.
    const source = { ...rowsOf(connection), together: <T>(read: () => T): T => read() };
    try {
      // These rows come from a start without a drop. It has named nothing, and its subscribers must
      // begin after the imported events.
      connection.exec('DELETE FROM generations; DELETE FROM subscribers');
      const { slug } = importDrop(text, MACHINE, rules, { insert }, source);
      connection.exec('COMMIT');
      return { slug };
    } catch (error) {
      connection.exec('ROLLBACK');
      if (source.isUnreadable(error)) throw new MoveRefusedError(`The drop is not sound: ${error.message}`);
      throw error;
    }
  } finally {
    connection.close();
  }
}
