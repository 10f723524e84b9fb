/** The audit's invariant of the schema: all objects are those of the migrations. */
import { createHash } from 'node:crypto';
import type { RowSource } from '../row-source.ts';
import digests from './schema-digests.json' with { type: 'json' };

interface SchemaObject {
  /** The type and the name, as in `index orders_due`. */
  name: string;
  tableName: string;
  sql: string;
}

/** The migrator's own table differs between engines. */
const migratorTable = '__drizzle_migrations';

const objectsOf = (source: RowSource): Iterable<SchemaObject> =>
  source.query<SchemaObject>(`
    select type || ' ' || name as name, tbl_name as tableName, sql from sqlite_schema
    -- Only the index that SQLite makes for a constraint has no SQL.
    where sql is not null and tbl_name <> '${migratorTable}' order by rowid`)();

const digestOf = ({ sql }: SchemaObject): string =>
  createHash('sha256').update(sql).digest('hex').slice(0, 16);

/** A digest of each object of a freshly migrated database: the content of `schema-digests.json`. */
export const digestsOf = (source: RowSource): Record<string, string> =>
  Object.fromEntries(Array.from(objectsOf(source), (object) => [object.name, digestOf(object)]).sort());

/** Ignores tables and views of the operator, but not additions to a table of this schema. */
export function* schemaMatches(source: RowSource): Generator<string> {
  const missing = new Map(Object.entries(digests));
  for (const object of objectsOf(source)) {
    const { name, tableName } = object;
    const digest = missing.get(name);
    missing.delete(name);
    if (digest === undefined) {
      if (Object.hasOwn(digests, `table ${tableName}`)) yield `${name} of table ${tableName} was added`;
    } else if (digest !== digestOf(object)) yield `${name} was changed`;
  }
  for (const name of missing.keys()) yield `${name} is missing`;
}
