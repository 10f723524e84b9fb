/** The file of a moved drop: lines of JSON, from a header to a line with checksum and signature. */
import type { Table } from 'drizzle-orm';
import { getTableColumns } from 'drizzle-orm';
import { generations } from '../../../drizzle/deployment.ts';
import { events, links } from '../../../drizzle/log.ts';
import {
  checkouts,
  disputes,
  drops,
  earlyMovements,
  items,
  orders,
  payments,
  refunds,
} from '../../../drizzle/schema.ts';
import type { SqlValue } from '../row-source.ts';

export const dropFileFormat = 'stampede drop';
export const dropFileVersion = 8;

/** The tables that move, ordered so that every row follows the rows that it refers to. */
export const movedTables = {
  drops,
  items,
  orders,
  payments,
  refunds,
  disputes,
  early_movements: earlyMovements,
  checkouts,
  generations,
  events,
  links,
} satisfies Record<string, Table>;

export type MovedTable = keyof typeof movedTables;
export const movedTableNames = Object.keys(movedTables) as MovedTable[];

/** The columns of a moved table, by their names in the database. */
export const columnsOf = (table: MovedTable): string[] =>
  Object.values(getTableColumns(movedTables[table])).map(({ name }) => name);

export interface DropFileHeader {
  format: typeof dropFileFormat;
  version: typeof dropFileVersion;
  dropId: number;
  slug: string;
  /** ISO 8601. */
  exportedAt: string;
  /**
   * The exporting deployment's mark, and the end of its log, which may contain events of other
   * drops too.
   */
  source: { deployment: string | null; seq: number; hash: string };
}

/** The shard id in a refund's key. A database has null for its own; a file always has a number. */
export const keyShardIdColumn = refunds.keyShardId.name;

/** Values in the order of `columnsOf`. */
export type DropFileRow = [table: MovedTable, ...values: SqlValue[]];

/** Signs a text with a key from SECRET_KEY that signs nothing else. */
export type SignDropFile = (text: string) => string;

/** The checks of a file in addition to its format. */
export interface DropFileRules {
  sign: SignDropFile;
  /** The rule of the API that a row breaks; null if it breaks none. */
  brokenRule(table: MovedTable, row: Readonly<Record<string, SqlValue>>): string | null;
}

export interface DropFileEnd {
  rows: number;
  /** In hex, over all lines before this one, including their line feeds. */
  sha256: string;
  /** The signature over both. */
  signature: string;
}

/** What the signature covers. */
export const signedText = ({ rows, sha256 }: Pick<DropFileEnd, 'rows' | 'sha256'>): string =>
  `${rows} ${sha256}`;
