/** The hash chain of the event log: an event's row, and the link over the rows of one commit. */
import { createHash } from 'node:crypto';

/** An event as its row, in column order: exactly what the hash chain covers. */
export type EventRow = readonly [
  seq: number,
  at: number,
  kind: string,
  actor: string,
  dropId: number | null,
  itemId: number | null,
  orderId: number | null,
  quantity: number | null,
  amount: number | null,
  currency: string | null,
  detail: string | null,
];

/** The hash that the link of the first commit follows. */
export const firstLinkHash = '0'.repeat(64);

/** One link of the chain: SHA-256 (hex) over the previous link and a commit's event rows. */
export function linkHash(previous: string, rows: readonly EventRow[]): string {
  return createHash('sha256').update(previous).update(JSON.stringify(rows)).digest('hex');
}
