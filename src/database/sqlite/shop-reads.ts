/**
 * The shop's long reads, in parts. They run in a read thread, including an audit's hashing and an
 * export's encoding.
 */
import type { SqliteConnection } from '../../split/connection.ts';
import { certifyInSteps } from '../audit/certificate.ts';
import { ordersCsv } from '../orders-csv.ts';
import { rowsOf } from './file-rows.ts';
import { idsOfFile } from './ids-of-file.ts';

export interface ShopReadsOptions {
  /** The secret from which the public ids of an export are derived. */
  secretKey: string;
}

export interface LongReadInput {
  dropId: number;
  /** Epoch milliseconds. */
  now: number;
}

export function openReads(connection: SqliteConnection, { secretKey }: ShopReadsOptions) {
  const rows = rowsOf(connection);
  return {
    /** Yields one `Certificate`, or null if there is no such drop. */
    *certify({ dropId, now }: LongReadInput) {
      const [certificate] = yield* certifyInSteps(rows, now, dropId);
      yield certificate ?? null;
    },

    /** Yields the bytes of the CSV, a page at a time. */
    *exportOrders({ dropId }: LongReadInput) {
      const encoder = new TextEncoder();
      const ids = idsOfFile(connection, secretKey);
      const shown = { id: (orderId: number) => ids.order({ dropId, orderId }), number: ids.orderNumber };
      for (const text of ordersCsv(rows, dropId, shown)) yield encoder.encode(text);
    },
  };
}
