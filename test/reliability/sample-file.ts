/**
 * Makes a small database file with the real commands: one drop with an order in every state that an
 * audit checks.
 */

import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands, type ShopCommit } from '../../src/database/sqlite/shop-commands.ts';
import type { DomainCommand, PlaceHold } from '../../src/domain/command.ts';
import { storedKeyPrefix } from '../../src/domain/stored-key.ts';
import { openWriter, type SqliteConnection } from '../../src/split/connection.ts';
import { createDrop } from '../support/commands.ts';
import { scratchDatabase } from '../support/server-process.ts';

export interface SampleFile {
  databaseFile: string;
  connection: SqliteConnection;
  committer: ShopCommit;
}

export const price = 1_000;
const holdSeconds = 600;

export const hold = (
  customer: string,
  itemId: number,
  quantity: number,
  more?: Partial<PlaceHold>,
): PlaceHold => ({
  kind: 'placeHold',
  items: [{ itemId, quantity }],
  customer,
  customerPhone: null,
  idempotencyKey: `${storedKeyPrefix}key of ${customer}`,
  plainKey: null,
  fingerprint: 'body',
  contact: { email: 'a@example.com', name: null, phone: null, address: null },
  ...more,
});

const payment = (orderId: number, eventId: string, amount: number) =>
  ({
    kind: 'recordPayment',
    provider: 'sandbox',
    eventId,
    reference: eventId,
    orderId,
    status: 'paid',
    amount,
    currency: 'EUR',
  }) as const;

const items = [
  { sku: 'one', name: 'One', price, stock: 5 },
  { sku: 'two', name: 'Two', price, stock: 3 },
];
const drop = createDrop({ slug: 'small', title: 'Small', perCustomer: 2, startsAt: 0, holdSeconds, items });
const afterHold = 3 + holdSeconds * 1_000;

/**
 * Drop 1 allows two units per customer; item 1 has 5 units, item 2 has 3. Order 1 of dora has
 * expired and was paid late; order 2 of anna is paid, and paid again; orders 3 and 4 of ben are
 * held; order 5 of cleo is cancelled.
 */
export const sampleFileCommits: readonly { commands: readonly DomainCommand[]; at: number }[] = [
  { commands: [drop], at: 1 },
  { commands: [hold('dora', 2, 2, { idempotencyKey: null })], at: 2 },
  { commands: [{ kind: 'releaseDue', orders: 10 }], at: afterHold },
  {
    commands: [
      hold('anna', 1, 2),
      hold('ben', 1, 1, { customerPhone: 'phone of ben' }),
      hold('ben', 2, 1, { idempotencyKey: null }),
      hold('cleo', 1, 1),
    ],
    at: afterHold,
  },
  {
    commands: [
      payment(1, 'late', 2 * price),
      payment(2, 'first', 2 * price),
      payment(2, 'second', 2 * price),
      { kind: 'cancelOrder', orderId: 5 },
    ],
    at: afterHold + 1,
  },
];

/** A new file with `sampleFileCommits`. */
export function makeSampleFile(): SampleFile {
  const databaseFile = scratchDatabase();
  const connection = openWriter({ file: databaseFile, busyTimeoutMs: 1_000, synchronous: 'FULL' });
  migrateFile(connection);
  const committer = commitShopCommands(connection);
  for (const { commands, at } of sampleFileCommits) committer.commit(commands, at);
  return { databaseFile, connection, committer };
}
