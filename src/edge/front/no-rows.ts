/** The reads of the Worker in front, which has no rows: every query finds nothing. */
import { drizzle } from 'drizzle-orm/durable-sqlite';
import * as schema from '../../../drizzle/schema.ts';
import { readsOf } from '../../database/read-database.ts';

const nothing = { toArray: () => [], raw: () => nothing, next: () => ({ done: true, value: undefined }) };

/** Prepared queries run on this as on rows, so that routes are the same in the Worker. */
export const noRows = readsOf(drizzle({ sql: { exec: () => nothing } } as never, { schema }));
