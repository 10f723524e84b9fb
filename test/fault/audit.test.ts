/** The audit on a sound file, and on files that were broken on purpose, once for each invariant. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as schema from '../../drizzle/schema.ts';
import { Journal } from '../../src/database/apply/journal.ts';
import { prepareStatements } from '../../src/database/apply/statements.ts';
import { audit, auditFile, readFile } from '../../src/database/sqlite/audit/audit.ts';
import { hold, makeSmallFile, price, type SmallFile } from './small-file.ts';

let file: SmallFile;
beforeEach(() => {
  file = makeSmallFile();
});
afterEach(() => file.connection.close());

const unlock = (table: 'events' | 'links') =>
  `drop trigger ${table}_no_update; drop trigger ${table}_no_delete;`;

interface Fault {
  name: string;
  sql: string;
  violations: string[];
}

const faults: Fault[] = [
  {
    name: 'more units taken than there are',
    sql: 'pragma ignore_check_constraints = on; update items set stock = 2 where id = 1;',
    violations: ['never_oversold: item 1 has 1 held and 2 sold of 2'],
  },
  {
    name: 'a drifted counter',
    sql: 'update items set held = held + 1 where id = 1;',
    violations: [
      'counters_match_orders: item 1 counts 2 held and 2 sold, its orders 1 and 2',
      'counters_match_events: item 1 counts 2 held and 2 sold, its events 1 and 2',
    ],
  },
  {
    name: 'a row that nothing refers to any more',
    sql: 'pragma foreign_keys = off; update refunds set payment_id = 99;',
    violations: [
      'foreign_keys: row 1 of refunds names a row of payments that is not there',
      'paid_once: order 2 is paid and keeps the money of 2 payments',
    ],
  },
  {
    name: 'two orders of one key',
    sql: `drop index orders_customer_key;
      update orders set customer = 'anna', idempotency_key = 'key of anna' where id = 5;`,
    violations: ['one_order_per_key: orders 2, 5 have one customer and one key'],
  },
  {
    name: 'a doubled order',
    sql: `drop index orders_customer_key;
      create temp table copy as select * from orders where id = 5; update copy set id = 6;
      insert into orders select * from copy;`,
    violations: [
      'one_order_per_key: orders 5, 6 have one customer and one key',
      'events_match_orders: order 6 has no event of its hold',
    ],
  },
  {
    name: 'a customer beyond the limit',
    sql: `update orders set customer = 'anna' where id = 3;`,
    violations: ['customer_limit: customer anna has 3 units of drop 1, of 2 allowed'],
  },
  {
    name: 'a phone number beyond the limit',
    sql: `update orders set customer_phone = 'phone of ben' where id = 1;`,
    violations: ['customer_limit: phone number phone of ben has 3 units of drop 1, of 2 allowed'],
  },
  {
    name: 'an order without its payment',
    sql: 'delete from payments where order_id = 1;',
    violations: ['paid_once: order 1 is paid and keeps the money of 0 payments'],
  },
  {
    name: 'a changed event',
    sql: `${unlock('events')} update events set at = at + 1 where seq = 4;`,
    violations: ['hash_chain: the link of event 7 does not fit the events before it'],
  },
  {
    name: 'a link that is gone',
    sql: `${unlock('links')} delete from links where last_seq = 11;`,
    violations: ['hash_chain: the last 4 events have no link'],
  },
  {
    name: 'a commit that is gone from the end of the log',
    sql: `${unlock('events')} ${unlock('links')}
      delete from events where seq > 3; delete from links where last_seq > 3;`,
    violations: [
      'events_match_orders: order 1 is paid, and released after its events',
      'events_match_orders: order 2 has no event of its hold',
      'events_match_orders: order 3 has no event of its hold',
      'events_match_orders: order 4 has no event of its hold',
      'events_match_orders: order 5 has no event of its hold',
      'counters_match_events: item 1 counts 1 held and 2 sold, its events 0 and 0',
      'counters_match_events: item 2 counts 1 held and 2 sold, its events 0 and 0',
    ],
  },
  {
    name: 'a missing order',
    sql: 'delete from orders where id = 5;',
    violations: ['events_match_orders: order 5 has events and no row'],
  },
  {
    name: 'an order that is not what its event says',
    sql: 'update orders set unit_price = 1 where id = 3;',
    violations: ['events_match_orders: event 5 (held) of order 3 is about something else'],
  },
  {
    name: 'a release that nobody logged, counters and all',
    sql: `update orders set status = 'released' where id = 3; update items set held = held - 1 where id = 1;`,
    violations: [
      'events_match_orders: order 3 is released, and held after its events',
      'counters_match_events: item 1 counts 0 held and 2 sold, its events 1 and 2',
    ],
  },
  {
    name: 'a missing table',
    sql: 'drop table links;',
    violations: ['hash_chain: could not be checked: no such table: links'],
  },
];

describe('the audit', () => {
  it('finds nothing in a sound file, beside its live writer and after it', () => {
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.connection.close();
    expect(auditFile(file.databaseFile)).toEqual([]);
  });

  it.each(faults)('finds $name', ({ sql, violations }) => {
    file.connection.exec(sql);
    expect(auditFile(file.databaseFile)).toEqual(violations);
  });

  it('finds a second hold of one order, in a chain that fits', () => {
    const journal = new Journal(10_000_000);
    const order = { dropId: 1, itemId: 1, orderId: 3, quantity: 1, amount: price, currency: 'EUR' };
    journal.log({ kind: 'held', actor: 'customer', ...order });
    const statements = prepareStatements(drizzle(file.connection, { schema }));
    const last = statements.lastLink.get();
    if (!last) throw new Error('The small file has a log.');
    journal.writeLog(statements, { seq: last.lastSeq, hash: last.hash });
    expect(auditFile(file.databaseFile)).toEqual([
      'events_match_orders: event 12 (held) of order 3 may not follow what was before it',
    ]);
  });

  it('clears customers whom a later, lower limit has put beyond it, until they take more', () => {
    const edit = { kind: 'editDrop', actor: 'operator', dropId: 1, edit: { perCustomer: 1 } } as const;
    file.committer.commit([edit], 10_000_000);
    expect(auditFile(file.databaseFile)).toEqual([]);
    file.committer.commit([hold('emil', 1, 1)], 10_000_001);
    file.connection.exec("update orders set customer = 'anna' where customer = 'emil'");
    expect(auditFile(file.databaseFile)).toEqual([
      'customer_limit: customer anna has 3 units of drop 1, of 1 allowed',
    ]);
  });

  it('names at most twenty places for one invariant', () => {
    file.connection.exec(`with recursive n(i) as (select 6 union all select i + 1 from n where i < 40)
      insert into orders select i, 1, 1, 1, 1000, 'released', 'expired', 'c' || i, null, null, 'f', null, null,
        null, null, 1, 2 from n`);
    const violations = auditFile(file.databaseFile);
    expect(violations.length).toBe(21);
    expect(violations.at(-1)).toBe('events_match_orders: and more');
  });

  it('finds a page that is ruined', () => {
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

  it('writes nothing, and can not', () => {
    readFile(file.databaseFile, (connection) => {
      expect(audit(connection)).toEqual([]);
      expect(() => connection.exec('delete from orders')).toThrow(/readonly/);
    });
  });
});
