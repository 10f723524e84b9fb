/** Payments of a moved drop: both deployments receive every webhook, the new one records it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { machines, runtimes } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { type RuntimeName, testEnvironment } from '../support/server-process.ts';
import type { Shop } from '../support/shop.ts';
import { disputeOf } from '../support/stripe-movements.ts';
import { StripeShop } from '../support/stripe-shop.ts';
import type { Delivery } from '../support/stripe-signature.ts';

const { SECRET_KEY } = testEnvironment;
const otherKey = 'another-secret-key-0123456789abcdef0123456789abcdef';
/** Each runtime is the source once and the target once. */
const pairs = runtimes.map((from, at) => [from, runtimes[(at + 1) % runtimes.length] ?? from] as const);

const refundsOf = async (shop: Shop): Promise<unknown[]> => {
  const lists = ['pending', 'sent', 'failed'].map((status) =>
    shop.admin({ path: `/admin/refunds?status=${status}` }),
  );
  return (await Promise.all(lists)).flatMap((answer) => readJson<{ refunds: unknown[] }>(answer).refunds);
};

describe.each(pairs)('a drop that moved from %s to %s', (from, to) => {
  const old = new StripeShop();
  const { stripe } = old;
  const next = new StripeShop(stripe);
  const shops = [old, next];
  beforeAll(async () => {
    await stripe.listen();
    await old.start(from);
  });
  afterAll(async () => {
    for (const shop of shops) {
      expect(shop.violations()).toEqual([]);
      expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
    }
    await stripe.close();
  });

  const exported = async (drop: { id: string; slug: string }): Promise<string> => {
    if (from === 'workerd')
      return (await old.admin({ method: 'POST', path: `/admin/drops/${drop.id}/export` })).text;
    const end = runCommand(from, 'move', old.server.databaseFile, ['export', drop.slug], { SECRET_KEY });
    expect(end.code, end.stderr).toBe(0);
    return end.stdout;
  };
  const importOnMachine = (runtime: RuntimeName, lines: string, databaseFile: string, key: string) =>
    runCommand(runtime, 'move', databaseFile, ['import', lines], { SECRET_KEY: key });
  const importInto = (text: string): Promise<Answer> =>
    next.admin({ method: 'POST', path: '/admin/import', body: text });
  /** Imports with another key, which is refused, and with the same one; `next` then sells it. */
  const takeIn = async (text: string): Promise<void> => {
    const unsigned = 'not signed with this SECRET_KEY';
    if (!machines.includes(to)) {
      await next.start(to, undefined, { SECRET_KEY: otherKey });
      const refused = await importInto(text);
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining(unsigned)]);
      await next.server.stop();
      await next.start(to);
      const imported = await importInto(text);
      expect(imported.status, imported.text).toBe(201);
      return;
    }
    const [lines, databaseFile] = [join(scratchFolder(), 'drop.jsonl'), join(scratchFolder(), 'next.db')];
    writeFileSync(lines, text);
    const refused = importOnMachine(to, lines, databaseFile, otherKey);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(unsigned)]);
    const imported = importOnMachine(to, lines, databaseFile, SECRET_KEY);
    expect(imported.code, imported.stderr).toBe(0);
    await next.start(to, databaseFile);
  };
  /** The effects at each deployment, the old one first. */
  const deliverToBoth = (delivery: Delivery): Promise<string[]> =>
    Promise.all(
      shops.map(async (shop) => {
        const answer = await shop.deliver(delivery);
        expect(answer.status, answer.text).toBe(200);
        return readJson<{ effect: string }>(answer).effect;
      }),
    );
  const paymentOf = (intent: string | null) => {
    const payment = stripe.payments.get(intent ?? '');
    if (!payment) throw new Error('Stripe has no payment.');
    return payment;
  };

  test('is paid, disputed and refunded at the new deployment only', async () => {
    const drop = await old.createDrop();
    const [sold, returned, late] = [await old.buy(drop.id), await old.buy(drop.id), await old.buy(drop.id)];
    const sessions = [await old.openSession(sold), await old.openSession(returned)] as const;
    for (const session of sessions) expect((await old.charge(session)).status).toBe(200);
    const lateSession = await old.openSession(late);
    await old.cancel(late);
    await old.patchDrop(drop.id, { paused: true });
    await old.admin({ method: 'POST', path: '/admin/reconcile' });
    await old.sessionEnds(lateSession);
    expect(lateSession.status).toBe('expired');
    await takeIn(await exported(drop));

    // Its checkout was closed before the move.
    expect(await deliverToBoth(await stripe.pay(lateSession.id))).toEqual(['none', 'paid']);
    expect((await next.order(late)).order.status).toBe('paid');
    const dispute = disputeOf(paymentOf(sessions[0].payment_intent));
    stripe.disputes.push(dispute);
    expect(await deliverToBoth(await stripe.event('charge.dispute.created', dispute))).toEqual([
      'none',
      'dispute',
    ]);
    await next.admin({ method: 'POST', path: `/admin/orders/${returned.order.id}/refund` });
    await next.settled();
    const refund = stripe.refunds.find((one) => one.payment_intent === sessions[1].payment_intent);
    expect(await deliverToBoth(await stripe.event('refund.updated', refund ?? {}))).toEqual(['none', 'none']);
    expect((await next.order(returned)).order.status).toBe('refunded');

    for (const shop of shops) {
      const reconciled = await shop.admin({ method: 'POST', path: '/admin/reconcile' });
      expect(readJson(reconciled)).toMatchObject({ movements: 0, payments: 0, failed: 0 });
    }
    expect([await refundsOf(old), (await refundsOf(next)).length]).toEqual([[], 1]);
    expect([stripe.refunds.length, old.kept()]).toEqual([1, 2]);
    const { id: reference } = paymentOf(lateSession.payment_intent);
    expect(old.server.output()).toMatch(new RegExp(`"reference":"${reference}".*has moved`));
    expect(next.server.output()).not.toContain('has moved');
    // Sales at the new deployment have its own mark.
    await next.patchDrop(drop.id, { paused: false });
    const newSession = await next.openSession(await next.buy(drop.id));
    expect(await deliverToBoth(await stripe.pay(newSession.id))).toEqual(['none', 'paid']);
    for (const shop of shops) expect(shop.server.output()).not.toContain('under another mark');
    if (from === 'workerd') return;
    const { text } = await old.send({ path: '/metrics' });
    expect(text).toContain('stampede_payments_ignored_total{reason="moved"} 2');
    expect(text).toContain('stampede_payments_ignored_total{reason="foreign"} 0');
  });
});
