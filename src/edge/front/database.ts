/** The database of a Worker itself, which has no rows: what it knows of drops, and the making of new ones. */

import { type OrderReads, orderReads } from '../../database/order-reads.ts';
import { immediateStatus, type ShopDatabase } from '../../database/shop-database.ts';
import { type Presentation, Snapshot } from '../../database/snapshot.ts';
import type { Command, CreateDrop } from '../../domain/command.ts';
import type { Drop } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { Metrics } from '../../metrics.ts';
import { noRows } from './no-rows.ts';

/** `drops` are what the snapshot shows, `orderHere` what was read of orders before. */
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
    // Of what is done in every object, nothing is left to do here.
    if (command.kind === 'eraseCustomer') {
      const positions = [...command.openOrders.keys()];
      return positions.length > 0
        ? { kind: 'unknown_orders', positions }
        : { kind: 'customer_erased', orders: 0 };
    }
    if (command.kind === 'noteAction') return { kind: 'done' };
    return { kind: 'order_not_found' };
  };
  const db: ShopDatabase = {
    ...noRows,
    snapshot,
    // Each command is answered by its own kind of outcome.
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
