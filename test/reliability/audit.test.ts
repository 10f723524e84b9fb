/** The audit on a sound file, and on files tampered with once for each invariant. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as schema from '../../drizzle/schema.ts';
import { Journal } from '../../src/commands/journal.ts';
import { prepareStatements } from '../../src/commands/statements.ts';
import { audit, auditFile, readFile } from '../../src/database/sqlite/file-rows.ts';
import type { Command } from '../../src/domain/command.ts';
import { recordPayment } from '../support/commands.ts';
import { moneyTamperings, moveMoney } from './money-tamperings.ts';
import { hold, makeSampleFile, price, type SampleFile } from './sample-file.ts';
import { tamperings, unlocked } from './tamperings.ts';
import { checkoutCommits, unseenTamperings } from './unseen-tamperings.ts';

let file: SampleFile;
beforeEach(() => {
  file = makeSampleFile();
});
afterEach(() => file.connection.close());

describe('the audit', () => {
  it('finds nothing in a valid file, during its live writer and after it', () => {
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.connection.close();
    expect(auditFile(file.databaseFile)).toEqual([]);
  });

  it('finds nothing in a file with additional tables and views of the operator', () => {
    file.connection.exec(`create table notes (id integer primary key, order_id integer references orders (id));
      create index notes_order on notes (order_id); create view sales as select count(*) from orders;`);
    expect(auditFile(file.databaseFile)).toEqual([]);
  });

  it.each(unseenTamperings)('finds $name, whatever the totals are', ({ sql, violations }) => {
    for (const { commands, at } of checkoutCommits) file.committer.commit(commands, at);
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.connection.exec(sql);
    expect(auditFile(file.databaseFile)).toEqual(violations);
  });

  it.each(tamperings)('finds $name', ({ sql, violations }) => {
    file.connection.exec(sql);
    expect(auditFile(file.databaseFile)).toEqual(violations);
  });

  it('finds nothing where money has moved outside', () => {
    moveMoney(file.committer);
    expect(auditFile(file.databaseFile)).toEqual([]);
  });

  it.each(moneyTamperings)('finds $name, where money has moved outside', ({ sql, violations }) => {
    moveMoney(file.committer);
    file.connection.exec(sql);
    expect(auditFile(file.databaseFile)).toEqual(violations);
  });

  it('finds a second hold of one order, in a chain that fits', () => {
    const heldAt = 600_003;
    const journal = new Journal(heldAt, () => 1);
    const order = { dropId: 1, itemId: 1, orderId: 3, quantity: 1, amount: price, currency: 'EUR' };
    journal.log({ kind: 'held', actor: 'customer', ...order });
    const statements = prepareStatements(drizzle(file.connection, { schema }));
    const last = statements.lastLink.get();
    if (!last) throw new Error('The small file has a log.');
    journal.writeLog(statements, { seq: last.lastSeq, hash: last.hash });
    expect(auditFile(file.databaseFile)).toEqual([
      'events_match_orders: event 12 (held) of order 3 may not follow the events before it',
      'counters_match_events: item 1 counts 1 held and 2 sold, but its events count 2 and 2',
    ]);
  });

  it('follows stock, prices and settings through edits, restocks and refunds that keep the units back', () => {
    const actor = 'operator';
    const items = [
      { sku: 'one', stock: 9, price: 1_200 },
      { sku: 'three', name: 'Three', price: 700, stock: 4 },
    ];
    const edit = { title: 'Smaller', endsAt: null, paused: true, holdSeconds: 60, items };
    file.committer.commit([{ kind: 'editDrop', actor, dropId: 1, edit }], 10_000_000);
    file.committer.commit(
      [
        { kind: 'restock', actor, dropId: 1, sku: 'one', quantity: -3 },
        { kind: 'refundOrder', actor, orderId: 2, restock: false },
        { kind: 'fulfilOrder', actor, orderId: 1, trackingCode: 'a code' },
      ],
      10_000_001,
    );
    expect(auditFile(file.databaseFile)).toEqual([]);
    const stock = file.connection.prepare<[], number>('select stock from items order by id').pluck().all();
    expect(stock).toEqual([4, 3, 4]);
    file.connection.exec('update drops set paused = 0, ends_at = 1e12');
    expect(auditFile(file.databaseFile)).toEqual([
      'catalogue_matches_events: drop 1: paused differs from its events',
      'catalogue_matches_events: drop 1: endsAt differs from its events',
    ]);
  });

  it('follows a refund through failure, retry and its end, and unclaimed money', () => {
    const [refundId, actor] = [1, 'operator'];
    const steps: Command[] = [
      { kind: 'finishRefund', refundId, result: 'failed', error: 'unreachable' },
      { kind: 'retryRefund', actor, refundId },
      { kind: 'finishRefund', refundId, result: 'failed', error: 'unreachable' },
      { kind: 'finishRefund', refundId, result: 'sent', error: null },
      { kind: 'eraseCustomer', actor, customer: 'ben', openOrders: [1, 2, 3] },
      recordPayment(null, { eventId: 'of nobody', amount: 5 }),
      recordPayment(3, { eventId: 'declined', status: 'declined' }),
    ];
    for (const [index, step] of steps.entries()) {
      file.committer.commit([step], 10_000_000 + index);
      expect([step.kind, ...auditFile(file.databaseFile)]).toEqual([step.kind]);
    }
  });

  it('follows operators, and finds a revoked one that returns', () => {
    const [actor, scopes] = ['console', ['audit:read', 'orders:read'] as const];
    file.committer.commit([{ kind: 'addOperator', actor, name: 'ann', tokenHash: 'a', scopes }], 10_000_000);
    file.committer.commit([{ kind: 'addOperator', actor, name: 'bob', tokenHash: 'b', scopes }], 10_000_001);
    file.committer.commit([{ kind: 'revokeOperator', actor, operatorId: 1 }], 10_000_002);
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.connection.exec(`update operators set revoked_at = null where id = 1;
      update operators set scopes = '["drops:write"]' where id = 2`);
    expect(auditFile(file.databaseFile)).toEqual([
      'operators_match_events: operator 1: revokedAt differs from its events',
      'operators_match_events: operator 2: scopes differs from its events',
    ]);
  });

  it('accepts customers above a later, lower limit until they buy more', () => {
    const edit = { kind: 'editDrop', actor: 'operator', dropId: 1, edit: { perCustomer: 1 } } as const;
    file.committer.commit([edit], 10_000_000);
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.committer.commit([hold('emil', 1, 1)], 10_000_001);
    file.connection.exec("update orders set customer = 'anna' where customer = 'emil'");
    expect(auditFile(file.databaseFile)).toEqual([
      'customer_limit: customer anna has 3 units of drop 1, of 1 allowed',
    ]);
  });

  it('requires of an older version only what it logged', () => {
    file.connection.exec(
      unlocked(`update events set detail = json_remove(detail, '$.currency', '$.title', '$.published', '$.payment')
        where kind in ('drop_created', 'refund_due');`),
    );
    file.connection.exec(`insert into checkouts (order_id, provider, reference, url, expires_at, created_at)
      values (3, 'sandbox', 'cs_0', 'https://checkout.stripe.com/0', 10000000, 700000)`);
    const findings = () =>
      auditFile(file.databaseFile).filter((finding) => !finding.startsWith('hash_chain'));
    expect(findings()).toEqual([]);
    // From the first checkout in the log on, every checkout is in it.
    for (const { commands, at } of checkoutCommits) file.committer.commit(commands, at);
    file.committer.commit([{ kind: 'closeCheckout', checkoutId: 1 }], 700_004);
    expect(findings()).toEqual([]);
    file.committer.commit([hold('emil', 1, 1)], 700_005);
    file.connection.exec(`insert into checkouts (order_id, provider, reference, url, expires_at, created_at)
      select id, 'stripe', 'cs_9', 'https://evil.example', 10000000, 700000 from orders order by id desc limit 1;
      update drops set currency = 'USD'`);
    expect(findings()).toEqual([
      'checkouts_match_events: checkout 4 has no event',
      'catalogue_matches_events: drop 1: currency differs from its events',
    ]);
  });

  it('reports at most twenty findings per invariant', () => {
    file.connection.exec(`with recursive n(i) as (select 6 union all select i + 1 from n where i < 40)
      insert into orders select i, 1, '[[1,1,1000]]', 1, 1000, 'released', 'expired', 'c' || i, null, null, 'f', null, null,
        null, null, 1, 2, null, null from n`);
    const violations = auditFile(file.databaseFile);
    expect(violations.length).toBe(21);
    expect(violations.at(-1)).toBe('events_match_orders: and more');
  });

  it('finds a corrupt page', () => {
    const page = file.connection
      .prepare<[], number>("select rootpage from sqlite_schema where name = 'orders_customer_key'")
      .pluck()
      .get();
    file.connection.pragma('wal_checkpoint(TRUNCATE)');
    file.connection.close();
    const descriptor = openSync(file.databaseFile, 'r+');
    writeSync(descriptor, Buffer.alloc(200, 0xff), 0, 200, ((page ?? 1) - 1) * 4096);
    closeSync(descriptor);
    expect(auditFile(file.databaseFile).join('\n')).toMatch(/^integrity: /);
  });

  it('writes nothing, and cannot', () => {
    readFile(file.databaseFile, (connection) => {
      expect(audit(connection)).toEqual([]);
      expect(() => connection.exec('delete from orders')).toThrow(/readonly/);
    });
  });
});
