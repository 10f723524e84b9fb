/** Begins a generation of names in a database file, once per start of its writer. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { isDiskFull } from '../../split/disk-full.ts';
import { keepGeneration, nextGeneration } from '../generations.ts';

/**
 * Stores a new generation and returns its first key. If the disk is full, none is stored: the
 * server starts anyway, and its names have the bits of the previous start.
 */
export function beginGeneration(connection: SqliteConnection): number {
  const db = drizzle(connection, { schema });
  const generation = nextGeneration(db);
  try {
    keepGeneration(db, generation);
  } catch (error) {
    if (!isDiskFull(error, connection)) throw error;
  }
  return generation.firstKey;
}
