/** The ledger and its checks: an honest run passes, and every kind of broken promise is found. */
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { orderJson } from '../../src/answers/representation.ts';
import { judge, readOrders } from '../../src/crowd/judge.ts';
import { Ledger } from '../../src/crowd/ledger.ts';
import { isDefinite, verdictOf } from '../../src/crowd/verdict.ts';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { createIds } from '../../src/ids/ids.ts';
import { hold, makeSampleFile, type SampleFile } from './sample-file.ts';
import { contactOf } from './shop-client.ts';

const ids = createIds('a secret key of thirty-two letters');
const now = 5_000_000;

let file: SampleFile;
let ledger: Ledger;
let folder: string;
beforeEach(() => {
  file = makeSampleFile();
  // The file must have no rows that the ledger does not know.
  file.connection.exec(`pragma foreign_keys = off; delete from refunds; delete from payments; delete from orders;
    update items set held = 0, sold = 0, stock = 100`);
  folder = join(dirname(file.databaseFile), 'ledger');
  ledger = new Ledger(folder);
});
afterEach(() => {
  ledger.close();
  file.connection.close();
});

const invoke = (key: string, customer: number): void =>
  ledger.invoke({ call: 'purchase', key, dropId: ids.drop(1), sku: 'one', quantity: 1, customer });

/** Buys for a customer in the file; returns the order's public id and the answer's body. */
function buy(key: string, customer: number): { orderId: string; body: string } {
  const { email, phone = null } = contactOf(customer);
  const { outcomes } = file.committer.commit(
    [
      hold(ids.customer(email), 1, 1, {
        idempotencyKey: ids.idempotencyKey(key),
        customerPhone: phone === null ? null : ids.customer(phone),
        contact: { email, name: null, phone, address: null },
      }),
    ],
    now,
  );
  const [outcome] = outcomes;
  const [catalogue] = file.committer.state().changes;
  const drop = catalogue?.kind === 'catalogue' ? catalogue.drops[0] : undefined;
  if (outcome?.kind !== 'held' || !drop) throw new Error('The purchase was refused.');
  const order = orderJson(outcome.order, drop, ids);
  return { orderId: order.id, body: JSON.stringify({ order, token: ids.orderToken(order.id) }) };
}

function buyAndRecord(key: string, customer: number): string {
  invoke(key, customer);
  const { orderId, body } = buy(key, customer);
  ledger.settle(key, { kind: 'ok', orderId, body });
  return orderId;
}

const findings = (at = now): string[] =>
  readFile(file.databaseFile, (connection) =>
    judge(ledger, readOrders(connection, ids), { ids, now: at, contactOf }),
  );

describe('the verdict on a ledger', () => {
  it('finds nothing without a violation', () => {
    buyAndRecord('a', 1);
    const cancelled = buyAndRecord('b', 2);
    invoke('c', 3);
    ledger.settle('c', { kind: 'refused', code: 'sold_out' });
    invoke('d', 4);
    ledger.settle('d', { kind: 'unknown', reason: 'the socket broke' });
    ledger.settle('d', { kind: 'ok', ...buy('d', 4) });
    const orderId = ids.parseOrder(cancelled)?.orderId ?? 0;
    file.committer.commit([{ kind: 'cancelOrder', orderId }], now);
    ledger.invoke({ call: 'cancel', key: 'e', orderId: cancelled });
    ledger.settle('e', { kind: 'ok', orderId: cancelled, body: '{}' });
    expect(findings()).toEqual([]);
  });

  it('finds a lost order', () => {
    buyAndRecord('a', 1);
    file.connection.exec('delete from orders');
    expect(findings()).toEqual([
      expect.stringMatching(/^purchase a was acknowledged as ord_.*, but is lost$/),
    ]);
  });

  it.each([
    ['quantity', `items = '[[1,2,1000]]'`],
    ['customer', `email = 'other@crowd.example'`],
    ['item', `items = '[[2,4,1000]]'`],
  ])('finds an order whose %s differs from the request', (_, change) => {
    buyAndRecord('a', 4);
    file.connection.exec(`update orders set ${change}`);
    expect(findings()).toContain('purchase a became order 1, which differs from the request');
  });

  it.each([`items = '[[1,1,1]]'`, 'hold_expires_at = hold_expires_at + 1', 'created_at = created_at + 1'])(
    'finds an answer that contradicts the file: %s',
    (change) => {
      buyAndRecord('a', 1);
      file.connection.exec(`update orders set ${change}`);
      expect(findings()).toEqual([
        'purchase a was answered with an order that differs from order 1 of the file',
      ]);
    },
  );

  it('finds a duplicate order', () => {
    buyAndRecord('a', 1);
    buy('a', 2);
    expect(findings()).toEqual(['purchase a is in the file 2 times']);
  });

  it('finds one order reported to two purchases', () => {
    invoke('a', 1);
    invoke('b', 1);
    const { orderId, body } = buy('a', 1);
    ledger.settle('a', { kind: 'ok', orderId, body });
    ledger.settle('b', { kind: 'ok', orderId, body });
    expect(findings()).toContain(`${orderId} was acknowledged twice`);
  });

  it('finds a refused purchase in the file', () => {
    invoke('a', 1);
    buy('a', 1);
    ledger.settle('a', { kind: 'refused', code: 'sold_out' });
    expect(findings()).toEqual(['purchase a was refused as sold_out, but is order 1']);
  });

  it('finds an unexpected refusal', () => {
    invoke('a', 1);
    ledger.settle('a', { kind: 'refused', code: 'key_reused' });
    expect(findings()).toEqual(['purchase a was refused as key_reused']);
  });

  it('finds a purchase without a definite answer', () => {
    invoke('a', 1);
    invoke('b', 1);
    ledger.settle('b', { kind: 'unknown', reason: '503 outcome_unknown' });
    expect(findings()).toEqual([
      'purchase a has no definite answer: still open',
      'purchase b has no definite answer: 503 outcome_unknown',
    ]);
  });

  it('finds an order that was never requested', () => {
    buy('a', 1);
    expect(findings()).toEqual([`order 1 (${ids.idempotencyKey('a')}) was never requested`]);
  });

  it('finds a cancellation, a payment and a hold that were lost', () => {
    const orderId = buyAndRecord('a', 1);
    file.connection.exec(`update orders set status = 'released'`);
    expect(findings()).toEqual(['order 1 (a) is released, not held']);
    expect(findings(now + 600_000)).toEqual([]);
    ledger.invoke({ call: 'pay', key: 'b', orderId });
    ledger.settle('b', { kind: 'ok', orderId, body: '{}' });
    file.connection.exec(`update orders set status = 'paid'`);
    expect(findings()).toEqual([
      'order 1 (a) was paid, but its payment is lost',
      'order 1 (a) is paid, not held',
    ]);
    ledger.invoke({ call: 'cancel', key: 'c', orderId });
    ledger.settle('c', { kind: 'ok', orderId, body: '{}' });
    expect(findings()).toContain('order 1 (a) is paid, not released');
  });
});

describe('the ledger', () => {
  it('is a file of lines that a new ledger continues', () => {
    buyAndRecord('a', 1);
    invoke('b', 2);
    const lines = readFileSync(ledger.file, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual([
      'invoke',
      'ok',
      'invoke',
    ]);
    const next = new Ledger(folder);
    expect(next.calls()).toEqual(ledger.calls());
    next.close();
  });

  it('refuses a key that is in use, an answer without a request and a second definite answer', () => {
    invoke('a', 1);
    expect(() => invoke('a', 1)).toThrow('in use');
    expect(() => ledger.settle('b', { kind: 'refused', code: 'sold_out' })).toThrow(
      'No request was recorded',
    );
    ledger.settle('a', { kind: 'refused', code: 'sold_out' });
    expect(() => ledger.settle('a', { kind: 'refused', code: 'sold_out' })).toThrow('definite answer');
    appendFileSync(ledger.file, `${JSON.stringify({ kind: 'invoke', key: 'a' })}\n`);
    expect(() => new Ledger(folder)).toThrow('in use');
  });
});

describe('the verdict on an answer', () => {
  it.each([
    [201, '{}', 'ok', true],
    [200, '{}', 'ok', true],
    [409, '{"code":"sold_out"}', 'refused', true],
    [422, '{"code":"invalid"}', 'refused', true],
    [503, '{"code":"overloaded"}', 'refused', false],
    [503, '{"code":"stopping"}', 'refused', false],
    [503, '{"code":"outcome_unknown"}', 'unknown', false],
    [500, '{"code":"internal"}', 'unknown', false],
    [500, '{"code":"overloaded"}', 'unknown', false],
    [502, 'bad gateway', 'unknown', false],
    [404, 'not a problem', 'unknown', false],
    [303, '', 'unknown', false],
  ])('on %i %s is %s', (status, body, kind, definite) => {
    const verdict = verdictOf(status, body, false);
    expect([verdict.kind, isDefinite(verdict)]).toEqual([kind, definite]);
  });
});
