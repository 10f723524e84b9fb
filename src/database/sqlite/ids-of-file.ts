/** The public names of the rows of a database file, by their generations. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import { createIds, type Ids } from '../../ids/ids.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { createGenerationOf } from '../generations.ts';

export const idsOfFile = (connection: SqliteConnection, secretKey: string, shardId?: number): Ids =>
  createIds(secretKey, shardId, createGenerationOf(drizzle(connection, { schema })));
