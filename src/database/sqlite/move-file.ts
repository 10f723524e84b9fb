/** Moves a drop out of a database file, and into an empty one. */

import { MACHINE } from '../../domain/place.ts';
import { exportDrop, MoveRefusedError } from '../move/export-drop.ts';
import { importDrop } from '../move/import-drop.ts';
import type { SqlValue } from '../row-source.ts';
import { type ConnectionSettings, openReader, openWriter, type SqliteConnection } from './connection.ts';
import { rowsOf } from './file-rows.ts';
import { migrateNewFile, mustBeCurrent } from './migrate.ts';

/** Yields the lines of the file that the drop moves in. Throws before the first one where the drop can't move. */
export function* exportFromFile(settings: ConnectionSettings, slug: string, now: number): Generator<string> {
  const connection = openReader(settings);
  try {
    mustBeCurrent(connection, settings.file);
    const dropId = connection
      .prepare<[string], number>('select id from drops where slug = ?')
      .pluck()
      .get(slug);
    if (dropId === undefined) {
      throw new MoveRefusedError(`There is no drop ${JSON.stringify(slug)} in ${settings.file}.`);
    }
    yield* exportDrop(rowsOf(connection), dropId, MACHINE, now);
  } finally {
    connection.close();
  }
}

const hasRows = (connection: SqliteConnection): boolean =>
  connection.prepare<[], number>('select exists (select 1 from events)').pluck().get() === 1;

/** Imports a drop into a new file. Throws where it can't be imported, and leaves the file without a drop then. */
export function importIntoFile(settings: ConnectionSettings, text: string): { slug: string } {
  const connection = openWriter(settings);
  try {
    migrateNewFile(connection, settings.file);
    if (hasRows(connection)) {
      throw new MoveRefusedError(
        'The database file is in use: a drop that moves keeps its keys, and needs an empty one.',
      );
    }
    connection.exec('BEGIN IMMEDIATE');
    const insert = (table: string, columns: readonly string[], values: readonly SqlValue[]): void => {
      const names = columns.map((name) => `"${name}"`).join(', ');
      connection
        .prepare(`insert into ${table} (${names}) values (${columns.map(() => '?').join(', ')})`)
        .run(...values);
    };
    // Within this transaction there is one snapshot already.
    const source = { ...rowsOf(connection), together: <T>(read: () => T): T => read() };
    try {
      const { slug } = importDrop(text, MACHINE, { insert }, source);
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
