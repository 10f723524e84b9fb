/** The reads of a Worker, which keeps no rows of its own: every query finds nothing. */
import { drizzle } from 'drizzle-orm/durable-sqlite';
import * as schema from '../../../drizzle/schema.ts';
import { readsOf } from '../../database/read-database.ts';

const nothing = { toArray: () => [], raw: () => nothing, next: () => ({ done: true, value: undefined }) };

/** Prepared queries run on it as on rows, so that a route is the same in the Worker as elsewhere. */
export const noRows = readsOf(drizzle({ sql: { exec: () => nothing } } as never, { schema }));
