/** Measures each command in `apply`, with the log and without COMMIT, in a batch of 64. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../drizzle/schema.ts';
import { createApply } from '../../src/commands/apply.ts';
import { Journal, type LogHead } from '../../src/commands/journal.ts';
import { createKeyFloor } from '../../src/commands/new-keys.ts';
import { prepareStatements } from '../../src/commands/statements.ts';
import { nextGeneration } from '../../src/database/generations.ts';
import { firstLinkHash } from '../../src/database/log-link.ts';
import type { DomainCommand } from '../../src/domain/command.ts';
import {
  checkAndRemove,
  createDrop,
  openScratchWriter,
  placeHold,
  price,
  scratchSettings,
} from './scratch.ts';
import { type Answer, type Case, time } from './timing.ts';

const batch = 64;
const dayMs = 86_400_000;

export async function apply(): Promise<Answer> {
  const settings = scratchSettings();
  const { connection, itemId, committer } = openScratchWriter(settings);
  const [change] = committer.commit([createDrop('sold-out', 0)], Date.now()).update.changes;
  const soldOutItem = (change?.kind === 'drop' && change.drop.items[0]?.id) || 0;
  const db = drizzle(connection, { schema });
  const statements = prepareStatements(db);
  const run = createApply(db, statements);
  const keyFloor = createKeyFloor(nextGeneration(db).firstKey);
  const last = statements.lastLink.get();
  let head: LogHead = last ? { seq: last.lastSeq, hash: last.hash } : { seq: 0, hash: firstLinkHash };
  const wrong = new Set<string>();
  let payments = 0;

  const done = (command: DomainCommand, journal: Journal, expected: string): void => {
    const { kind } = run(command, journal);
    if (kind !== expected) wrong.add(`${command.kind} was answered with ${kind}, not ${expected}`);
  };
  const newest = (table: 'orders' | 'refunds' | 'checkouts'): number[] =>
    connection
      .prepare<[number], number>(`select id from ${table} order by id desc limit ?`)
      .pluck()
      .all(batch);
  const hold = (journal: Journal): number[] => {
    for (let buyer = 0; buyer < batch; buyer++) done(placeHold(itemId), journal, 'held');
    return newest('orders');
  };
  const payment = (orderId: number): DomainCommand => {
    payments += 1;
    const [eventId, reference] = [`event-${payments}`, `payment-${payments}`];
    const money = { status: 'paid', amount: price, currency: 'EUR' } as const;
    return { kind: 'recordPayment', provider: 'sandbox', eventId, reference, orderId, ...money };
  };
  const pay = (journal: Journal): number[] => {
    const orders = hold(journal);
    for (const orderId of orders) run(payment(orderId), journal);
    return orders;
  };
  const refund = (orderId: number): DomainCommand => ({
    kind: 'refundOrder',
    actor: 'operator',
    orderId,
    restock: true,
  });
  const begin = (refundId: number, now: number): DomainCommand => ({
    kind: 'beginRefund',
    amount: price,
    refundId,
    attempts: 0,
    nextAttemptAt: now + dayMs,
  });

  /** `prepare` creates the rows for the commands. A run is one transaction, as in the writer. */
  const batchOf = (
    name: string,
    prepare: (journal: Journal) => number[],
    command: (id: number, now: number) => DomainCommand,
    laterMs = 0,
  ): Case => {
    let commands: DomainCommand[] = [];
    let journal = new Journal(0, keyFloor);
    return {
      name,
      operations: batch,
      before: () => {
        connection.exec('begin immediate');
        const now = Date.now();
        const before = new Journal(now, keyFloor);
        const ids = prepare(before);
        head = before.writeLog(statements, head);
        commands = ids.map((id) => command(id, now));
        journal = new Journal(now + laterMs, keyFloor);
      },
      run: () => {
        for (const each of commands) run(each, journal);
        head = journal.writeLog(statements, head);
      },
      after: () => {
        connection.exec('commit');
      },
    };
  };

  const nobody = Array.from({ length: batch }, () => 0);
  let again: DomainCommand[] = [];
  const timings = await time([
    batchOf(
      'placeHold',
      () => nobody,
      () => placeHold(itemId),
    ),
    batchOf(
      'placeHold, replayed',
      (journal) => {
        again = nobody.map(() => placeHold(itemId));
        for (const command of again) run(command, journal);
        return [...nobody.keys()];
      },
      (index) => again[index] ?? placeHold(itemId),
    ),
    batchOf(
      'placeHold, sold out',
      () => nobody,
      () => placeHold(soldOutItem),
    ),
    batchOf('recordPayment', hold, payment),
    batchOf('cancelOrder', hold, (orderId) => ({ kind: 'cancelOrder', orderId })),
    batchOf('releaseDue, one order each', hold, () => ({ kind: 'releaseDue', orders: 1 }), 2 * dayMs),
    batchOf('fulfilOrder', pay, (orderId) => ({
      kind: 'fulfilOrder',
      actor: 'operator',
      orderId,
      trackingCode: 'T-1',
    })),
    batchOf('refundOrder', pay, refund),
    batchOf(
      'beginRefund',
      (journal) => {
        for (const orderId of pay(journal)) run(refund(orderId), journal);
        return newest('refunds');
      },
      begin,
    ),
    batchOf(
      'finishRefund',
      (journal) => {
        for (const orderId of pay(journal)) run(refund(orderId), journal);
        const refunds = newest('refunds');
        for (const refundId of refunds) done(begin(refundId, journal.now), journal, 'done');
        return refunds;
      },
      (refundId) => ({ kind: 'finishRefund', refundId, result: 'sent', error: null }),
    ),
  ]);
  connection.close();
  return { timings, wrong: [...wrong, ...checkAndRemove(settings)] };
}
