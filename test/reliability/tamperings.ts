/** SQL edits of the small file, one per invariant of the audit, with the audit's findings. */

const logTables = ['events', 'links'] as const;
const acts = ['UPDATE', 'DELETE'] as const;
const triggers = logTables.flatMap((table) =>
  acts.map((act) => ({ table, act, name: `${table}_no_${act.toLowerCase()}` })),
);

/** Changes the log with its triggers removed, and restores them. */
export const unlocked = (sql: string): string => `
  ${triggers.map(({ name }) => `drop trigger ${name};`).join(' ')}
  ${sql}
  ${triggers.map(({ table, act, name }) => `CREATE TRIGGER \`${name}\` BEFORE ${act} ON \`${table}\` BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;`).join('\n')}`;

/** The time of the small file's payments, as findings print it. */
const paidAt = '1970-01-01T00:10:00.004Z';

export interface Tampering {
  name: string;
  sql: string;
  violations: string[];
}

export const tamperings: readonly Tampering[] = [
  {
    name: 'more units taken than there are',
    sql: 'pragma ignore_check_constraints = on; update items set stock = 2 where id = 1;',
    violations: [
      'never_oversold: item 1 has 1 held and 2 sold of 2',
      'catalogue_matches_events: item one of drop 1: stock differs from its events',
    ],
  },
  {
    name: 'a drifted counter',
    sql: 'update items set held = held + 1 where id = 1;',
    violations: [
      'counters_match_orders: item 1 counts 2 held and 2 sold, but its orders count 1 and 2',
      'counters_match_events: item 1 counts 2 held and 2 sold, but its events count 1 and 2',
    ],
  },
  {
    name: 'a row that nothing refers to any more',
    sql: 'pragma foreign_keys = off; update refunds set payment_id = 99;',
    violations: [
      'foreign_keys: row 1 of refunds refers to a missing row of payments',
      'paid_once: order 2 is paid and keeps the money of 2 payments',
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR due at ${paidAt}, has no row`,
      `refunds_stay_with_payment: a refund of payment 3, due at ${paidAt}, is missing`,
    ],
  },
  {
    name: 'two orders of one key',
    sql: `drop index orders_customer_key;
      update orders set customer = 'anna', idempotency_key = 'h1 key of anna' where id = 5;`,
    violations: [
      'schema_matches: index orders_customer_key is missing',
      'one_order_per_key: orders 2, 5 share a customer and a key',
    ],
  },
  {
    name: 'a doubled order',
    sql: `drop index orders_customer_key;
      create temp table copy as select * from orders where id = 5; update copy set id = 6;
      insert into orders select * from copy;`,
    violations: [
      'schema_matches: index orders_customer_key is missing',
      'one_order_per_key: orders 5, 6 share a customer and a key',
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
    violations: [
      'paid_once: order 1 is paid and keeps the money of 0 payments',
      `payments_match_events: a payment of order 1, 2000 EUR paid at ${paidAt} by provider:sandbox, has no row`,
    ],
  },
  {
    name: 'a changed event',
    sql: unlocked('update events set at = at + 1 where seq = 4;'),
    violations: [
      'hash_chain: the link of event 7 does not match the events before it',
      'events_match_orders: event 4 (held) of order 2 does not match the order',
    ],
  },
  {
    name: 'a link that is gone',
    sql: unlocked('delete from links where last_seq = 11;'),
    violations: ['hash_chain: the log ends with 4 events without a link'],
  },
  {
    name: 'a commit that is gone from the end of the log',
    sql: unlocked('delete from events where seq > 3; delete from links where last_seq > 3;'),
    violations: [
      'events_match_orders: order 1 is paid, but released according to its events',
      'events_match_orders: order 2 has no event of its hold',
      'events_match_orders: order 3 has no event of its hold',
      'events_match_orders: order 4 has no event of its hold',
      'events_match_orders: order 5 has no event of its hold',
      'counters_match_events: item 1 counts 1 held and 2 sold, but its events count 0 and 0',
      'counters_match_events: item 2 counts 1 held and 2 sold, but its events count 0 and 0',
      `payments_match_events: a payment of order 1, 2000 EUR paid at ${paidAt} by provider:sandbox, has no event`,
      `payments_match_events: a payment of order 2, 2000 EUR paid at ${paidAt} by provider:sandbox, has no event`,
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR due at ${paidAt}, has no event`,
    ],
  },
  {
    name: 'a missing order',
    sql: 'delete from orders where id = 5;',
    violations: ['events_match_orders: order 5 has events but no row'],
  },
  {
    name: 'an order that is not what its event says',
    sql: 'update orders set total = 1 where id = 3;',
    violations: [
      'items_match_orders: the items of order 3 do not match its units, total or drop',
      'events_match_orders: event 5 (held) of order 3 does not match the order',
    ],
  },
  {
    name: 'a release without an event, counters and all',
    sql: `update orders set status = 'released' where id = 3; update items set held = held - 1 where id = 1;`,
    violations: [
      'events_match_orders: order 3 is released, but held according to its events',
      'counters_match_events: item 1 counts 0 held and 2 sold, but its events count 1 and 2',
    ],
  },
  {
    name: 'a payment that was never made',
    sql: `insert into payments select 9, 3, provider, 'made up', 'made up', 'declined', amount, currency, created_at
      from payments where id = 1;`,
    violations: [
      `payments_match_events: a payment of order 3, 2000 EUR declined at ${paidAt} by provider:sandbox, has no event`,
    ],
  },
  {
    name: 'a payment and its refund, both made smaller',
    sql: `update payments set amount = 1 where event_id = 'second'; update refunds set amount = 1;`,
    violations: [
      `payments_match_events: a payment of order 2, 1 EUR paid at ${paidAt} by provider:sandbox, has no event`,
      `payments_match_events: a payment of order 2, 2000 EUR paid at ${paidAt} by provider:sandbox, has no row`,
      `refunds_match_events: a refund of order 2 (paid_twice), 1 EUR due at ${paidAt}, has no event`,
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR due at ${paidAt}, has no row`,
    ],
  },
  {
    name: 'a refund of less than was paid',
    sql: 'update refunds set amount = 1999;',
    violations: [
      'refunds_match: the refunds of payment 3 return 1999 of 2000',
      `refunds_match_events: a refund of order 2 (paid_twice), 1999 EUR due at ${paidAt}, has no event`,
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR due at ${paidAt}, has no row`,
    ],
  },
  {
    name: 'a refund that is said to be sent',
    sql: `update refunds set status = 'sent', sent_at = created_at;`,
    violations: [
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR sent at ${paidAt}, has no event`,
    ],
  },
  {
    name: 'a refund that is said to have failed',
    sql: `update refunds set status = 'failed';`,
    violations: [
      'refunds_match_events: refunds of order 2 (paid_twice): 1 failed according to the rows, 0 according to the events',
    ],
  },
  {
    name: 'an order that is refunded, and its refund is not sent',
    sql: `update refunds set reason = 'operator'; update orders set status = 'refunded' where id = 2;
      update items set sold = sold - 2 where id = 1; delete from payments where event_id = 'first';`,
    violations: [
      'refunds_match: order 2 is refunded, but its refunds are in another state',
      'events_match_orders: order 2 is refunded, but paid according to its events',
      'counters_match_events: item 1 counts 1 held and 0 sold, but its events count 1 and 2',
      `payments_match_events: a payment of order 2, 2000 EUR paid at ${paidAt} by provider:sandbox, has no row`,
      `refunds_match_events: a refund of order 2 (operator), 2000 EUR due at ${paidAt}, has no event`,
      `refunds_match_events: a refund of order 2 (paid_twice), 2000 EUR due at ${paidAt}, has no row`,
    ],
  },
  {
    name: 'a cancelled order that is said to have run out',
    sql: `update orders set release_reason = 'expired' where id = 5;`,
    violations: ['events_match_orders: order 5 was released for a reason that differs from its events'],
  },
  {
    name: 'an order of another time',
    sql: 'update orders set created_at = created_at - 1 where id = 4;',
    violations: ['events_match_orders: event 6 (held) of order 4 does not match the order'],
  },
  {
    name: 'stock and a price that nobody gave it',
    sql: 'update items set stock = stock + 1, price = 1 where id = 2;',
    violations: [
      'catalogue_matches_events: item two of drop 1: price differs from its events',
      'catalogue_matches_events: item two of drop 1: stock differs from its events',
    ],
  },
  {
    name: 'a limit that was never lifted',
    sql: 'update drops set per_customer = null;',
    violations: ['catalogue_matches_events: drop 1: perCustomer differs from its events'],
  },
  {
    name: 'a drop that was never made, and an item',
    sql: `create temp table copy as select * from drops; update copy set id = 7, slug = 'other';
      insert into drops select * from copy;
      insert into items (drop_id, sku, name, price, stock) values (1, 'three', 'Three', 1, 1);`,
    violations: [
      'catalogue_matches_events: drop 7 has no creation event',
      'catalogue_matches_events: item three of drop 1 has no creation event',
    ],
  },
  {
    name: 'an operator who made himself',
    sql: `insert into operators (name, token_hash, scopes, created_at) values ('eve', 'hash', '["audit:read"]', 1);`,
    violations: ['operators_match_events: operator 1 has no creation event'],
  },
  {
    name: 'a missing table',
    sql: 'drop table links;',
    violations: [
      'schema_matches: table links is missing',
      'schema_matches: trigger links_no_delete is missing',
      'schema_matches: trigger links_no_update is missing',
      'hash_chain: could not be checked: no such table: links',
    ],
  },
];
