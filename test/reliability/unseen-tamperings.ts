/** SQL edits that keep the sums of orders and money unchanged, each with the audit's finding. */
import type { DomainCommand } from '../../src/domain/command.ts';
import type { Tampering } from './tamperings.ts';

const checkout = (nth: number, provider: string): DomainCommand => ({
  kind: 'recordCheckout',
  orderId: 3,
  provider,
  reference: `cs_${nth}`,
  url: `https://checkout.stripe.com/${nth}`,
  expiresAt: 10_000_000,
});

/**
 * Two checkouts of order 3 of the small file, at two providers: the first is closed. The mail
 * subscriber's position is the last event, 14.
 */
export const checkoutCommits: readonly { commands: readonly DomainCommand[]; at: number }[] = [
  { commands: [checkout(1, 'payos'), checkout(2, 'stripe')], at: 700_001 },
  { commands: [{ kind: 'closeCheckout', checkoutId: 1 }], at: 700_002 },
  { commands: [{ kind: 'advanceSubscriber', name: 'mail', lastSeq: null }], at: 700_003 },
];

export const unseenTamperings: readonly Tampering[] = [
  {
    name: 'an operator and an order whose events stand before the log',
    sql: `insert into operators (id, name, token_hash, scopes, created_at) values (1, 'eve', 'hash', '["drops:write"]', 1);
      insert into events (seq, at, kind, actor, detail)
        values (-2, 1, 'operator_added', 'console', '{"operator":1,"name":"eve","scopes":["drops:write"]}');
      insert into orders (id, drop_id, items, units, total, status, customer, fingerprint, created_at, hold_expires_at)
        values (9, 1, '[[1,1,1000]]', 1, 1000, 'held', 'eve', 'f', 1, 2);
      insert into events (seq, at, kind, actor, drop_id, item_id, order_id, quantity, amount, currency)
        values (0, 1, 'held', 'customer', 1, 1, 9, 1, 1000, 'EUR');
      update items set held = held + 1 where id = 1;`,
    violations: ['hash_chain: 2 events before event 1, outside the chain'],
  },
  {
    name: 'a trigger that is gone',
    sql: 'drop trigger events_no_delete;',
    violations: ['schema_matches: trigger events_no_delete is missing'],
  },
  {
    name: 'a trigger that does nothing',
    sql: `drop trigger events_no_update;
      create trigger events_no_update before update on events begin select 1; end;`,
    violations: ['schema_matches: trigger events_no_update was changed'],
  },
  {
    name: 'a trigger that changes what is written',
    sql: `create trigger cheaper after insert on orders begin update orders set total = 1 where id = new.id; end;`,
    violations: ['schema_matches: trigger cheaper of table orders was added'],
  },
  {
    name: 'an index that orders rely on',
    sql: 'drop index payments_event;',
    violations: ['schema_matches: index payments_event is missing'],
  },
  {
    name: 'an index of other columns under the name of ours',
    sql: 'drop index payments_event; create unique index payments_event on payments (provider, event_id, id);',
    violations: ['schema_matches: index payments_event was changed'],
  },
  {
    name: 'a table without its CHECKs',
    sql: `drop table early_movements;
      create table early_movements (id integer primary key not null, provider text not null, payment_reference text not null,
        report text not null, created_at integer not null);`,
    violations: [
      'schema_matches: table early_movements was changed',
      'schema_matches: index early_movements_report is missing',
    ],
  },
  {
    name: 'another currency of a drop',
    sql: `update drops set currency = 'USD';`,
    violations: ['catalogue_matches_events: drop 1: currency differs from its events'],
  },
  {
    name: 'a drop that was hidden and paused without an event',
    sql: 'update drops set published = 0, paused = 1;',
    violations: [
      'catalogue_matches_events: drop 1: paused differs from its events',
      'catalogue_matches_events: drop 1: published differs from its events',
    ],
  },
  {
    name: 'texts and times that a drop never had',
    sql: `update drops set title = 'Other', description = 'Other', image_url = 'https://a.example', hold_seconds = 1,
      starts_at = 1, ends_at = 2, created_at = 2;`,
    violations: ['createdAt', 'title', 'description', 'imageUrl', 'startsAt', 'endsAt', 'holdSeconds'].map(
      (field) => `catalogue_matches_events: drop 1: ${field} differs from its events`,
    ),
  },
  {
    name: 'a refund that moved to another payment',
    sql: `update refunds set payment_id = (select id from payments where event_id = 'first');`,
    violations: [
      'refunds_stay_with_payment: a refund of payment 3, due at 1970-01-01T00:10:00.004Z, is missing',
    ],
  },
  {
    name: 'a refund that is never tried again',
    sql: 'update refunds set next_attempt_at = 9000000000000000;',
    violations: [
      'refunds_in_time: refund 1 waits until 9000000000000000 ms, longer than the longest backoff',
    ],
  },
  {
    name: 'a subscriber beyond the end of the log',
    sql: 'update subscribers set last_seq = last_seq + 1;',
    violations: ['positions_in_log: subscriber mail is at event 15 of a log that ends at 14'],
  },
  {
    name: 'a deferred e-mail about no order',
    sql: "insert into deferred_deliveries values ('mail', 15, null, 0, 1, 0), ('mail', 2, 999, 0, 1, 0);",
    violations: [
      'positions_in_log: subscriber mail has deferred event 2, which does not match the log',
      'positions_in_log: subscriber mail has deferred event 15, which does not match the log',
    ],
  },
  {
    name: 'a checkout that is gone',
    sql: 'delete from checkouts where id = 2;',
    violations: ['checkouts_match_events: checkout 2 has events but no row'],
  },
  {
    name: 'an open checkout that is said to be closed',
    sql: 'update checkouts set closed_at = 800000 where id = 2;',
    violations: ['checkouts_match_events: checkout 2 was closed at a time that differs from its events'],
  },
  {
    name: 'a closed checkout that is said to be open',
    sql: 'update checkouts set closed_at = null where id = 1;',
    violations: ['checkouts_match_events: checkout 1 was closed at a time that differs from its events'],
  },
  {
    name: 'a checkout that leads elsewhere',
    sql: `update checkouts set url = 'https://evil.example' where id = 2;`,
    violations: ['checkouts_match_events: checkout 2 differs from its event'],
  },
  {
    name: 'a checkout of another order',
    sql: 'update checkouts set order_id = 4 where id = 2;',
    violations: ['checkouts_match_events: checkout 2 differs from its event'],
  },
  {
    name: 'a checkout that was never opened',
    sql: `insert into checkouts (order_id, provider, reference, url, expires_at, created_at)
      values (4, 'stripe', 'cs_3', 'https://evil.example', 10000000, 1);`,
    violations: ['checkouts_match_events: checkout 3 has no event'],
  },
];
