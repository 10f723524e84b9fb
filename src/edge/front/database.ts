/**
 * The database of the Worker in front, which has no rows: published drops, and creating new ones.
 */

import { type OrderReads, orderReads } from '../../database/order-reads.ts';
import { immediateStatus, type ShopDatabase } from '../../database/shop-database.ts';
import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import type { Command, CreateDrop } from '../../domain/command.ts';
import type { Drop } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { Metrics } from '../../metrics.ts';
import { noRows } from './no-rows.ts';

/** `drops` are in the snapshot; `orderHere` returns orders that were read beforehand. */
export function createFrontDatabase(
  drops: readonly Drop[],
  presentation: Presentation,
  create: (command: CreateDrop) => Promise<Outcome<CreateDrop>>,
  requestLinks: (recipient: string) => Promise<void> = async () => undefined,
  orderHere?: OrderReads['order'],
): ShopDatabase {
  const snapshot = new Snapshot(presentation);
  snapshot.apply({ kind: 'catalogue', drops });
  const submit = async (command: Command): Promise<Outcome> => {
    if (command.kind === 'createDrop') return create(command);
    if (command.kind === 'requestLinks') {
      await requestLinks(command.recipient);
      return { kind: 'done' };
    }
    // The objects have done the deletion already.
    if (command.kind === 'eraseCustomer') {
      const positions = [...command.openOrders.keys()];
      return positions.length > 0
        ? { kind: 'unknown_orders', positions }
        : { kind: 'customer_erased', orders: 0 };
    }
    if (command.kind === 'logAction') return { kind: 'done' };
    return { kind: 'order_not_found' };
  };
  const db: ShopDatabase = {
    ...noRows,
    snapshot,
    // Each command has its own kind of outcome.
    submit: <C extends Command>(command: C) => submit(command) as Promise<Outcome<C>>,
    status: () => immediateStatus,
    isFull: () => false,
    metrics: new Metrics(),
    tallies: async () => null,
    lastSeq: () => 0,
    certify: async () => null,
    exportOrders: () => null,
  };
  if (orderHere) orderReads.preset(db, { ...orderReads(noRows), order: orderHere });
  return db;
}
