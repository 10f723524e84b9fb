/** Money through a provider that loses answers, in any order of events and over restarts: a unit for each payment, or one refund. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as schema from '../../drizzle/schema.ts';
import { createReconciliation } from '../../src/background/reconciliation.ts';
import { sendRefunds } from '../../src/background/refund-sender.ts';
import { createReads } from '../../src/database/reads.ts';
import { audit } from '../../src/database/sqlite/file-rows.ts';
import type { Store } from '../../src/database/store.ts';
import type { Command } from '../../src/domain/command.ts';
import type { CommandOutcome } from '../../src/domain/outcome.ts';
import { createIds } from '../../src/ids.ts';
import { recordPaymentOf } from '../../src/payments/record-payment.ts';
import { createStripeProvider } from '../../src/payments/stripe.ts';
import { createDrop, minuteMs, noon, placeHold } from '../support/commands.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { Fault } from '../support/loopback-provider.ts';
import { type Charge, LoopbackStripe } from '../support/loopback-stripe.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { runs, searchDeadlineMs } from './runs.ts';

const buyers = 6;
const price = 1_250;
const ids = createIds('a-secret-of-thirty-two-characters');
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

const allActs = [
  ...(['hold', 'pay', 'payAgain', 'payWrong', 'payInSilence', 'failLater', 'failInSilence'] as const),
  ...(['cancel', 'expire', 'operatorRefund', 'withdraw'] as const),
  ...(['sendRefunds', 'land', 'reconcile', 'restart'] as const),
];
type Act = (typeof allActs)[number];
interface Step {
  act: Act;
  buyer: number;
  fault: Fault | null;
  /** Which of a refund's requests meets it. */
  faultRoute: string;
}

const acts: readonly Act[] = [...allActs, 'hold', 'hold', 'pay', 'pay', 'sendRefunds'];
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...acts),
  buyer: fc.nat({ max: buyers - 1 }),
  fault: fc.constantFrom(
    null,
    null,
    { kind: 'lost' },
    { kind: 'late' },
    { kind: 'closed' },
    { kind: 'unreadable' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 500, takesEffect: true },
    { kind: 'status', status: 429 },
  ),
  faultRoute: fc.constantFrom('POST /v1/refunds', 'POST /v1/refunds', 'GET /v1/refunds'),
});

let stripe: LoopbackStripe;
beforeAll(async () => {
  stripe = await new LoopbackStripe().listen();
  // A second refund of a payment must show, and not be stopped by Stripe, which does not stop that of a part.
  stripe.takesEveryRefund = true;
});
afterAll(() => stripe.close());

/** A shop on the real committer, without its thread, so that its clock can be moved. */
class MoneyShop {
  readonly scratch = new ScratchStore();
  readonly clock = new FakeClock(noon);
  readonly orders = new Map<number, number>();
  readonly sessions = new Map<number, string>();
  /** Sessions that were paid and whose webhook never came. */
  readonly silent = new Set<string>();
  readonly provider = createStripeProvider({
    secretKey: stripe.secretKey,
    webhookSecret: stripe.webhookSecret,
    apiBase: stripe.url,
    timeoutMs: 60_000,
  });

  run<C extends Command>(command: C): CommandOutcome<C> {
    return this.scratch.run(command, this.clock.now());
  }

  /** What background work needs of a store. */
  get store(): Store {
    const reads = createReads(drizzle(this.scratch.reader, { schema }));
    return { reads, submit: async (command: Command) => this.run(command) } as unknown as Store;
  }

  get deps() {
    const { store, clock, provider } = this;
    return { store, clock, ids, log, providers: new Map([['stripe', provider]]), random: () => 0 };
  }

  async hold(buyer: number): Promise<void> {
    const held = this.run(placeHold(`buyer ${buyer}`));
    if (held.kind !== 'held') return;
    const orderId = held.order.id;
    const ref = ids.order({ dropId: 1, orderId });
    const now = Date.now();
    const checkout = await this.provider.checkout({
      ...{ orderId: ref, orderNumber: 1, amount: price, currency: 'EUR', description: 'A shoe' },
      ...{ expiresAt: now + 10 * minuteMs, successUrl: 'https://shop.example/paid' },
      ...{ cancelUrl: 'https://shop.example/cancelled', now, opened: 0 },
    });
    this.run({ kind: 'recordCheckout', orderId, provider: 'stripe', ...checkout });
    this.orders.set(buyer, orderId);
    this.sessions.set(buyer, checkout.reference);
  }

  async pay(buyer: number, charge: Charge = {}): Promise<void> {
    const session = this.sessions.get(buyer);
    if (session === undefined) return;
    // What was paid in silence is told at last.
    const isOld = this.silent.delete(session);
    const { body, headers } = isOld
      ? await stripe.event('checkout.session.completed', stripe.sessions.get(session) ?? {})
      : await stripe.pay(session, charge);
    const reading = await this.provider.readWebhook(body, new Headers(headers), Date.now());
    if (reading.kind !== 'event') throw new Error('A webhook was not understood.');
    this.run(recordPaymentOf(reading.event, 'stripe', ids));
  }

  async sendRefunds(): Promise<void> {
    const sender = sendRefunds(this.deps);
    this.clock.advance(60 * minuteMs);
    await sender.stop();
  }

  async take({ act, buyer, fault, faultRoute }: Step): Promise<void> {
    const orderId = this.orders.get(buyer) ?? 0;
    if (fault) stripe.fail(faultRoute, fault);
    switch (act) {
      case 'hold':
        return this.hold(buyer);
      case 'pay':
      case 'payAgain':
        return this.pay(buyer);
      case 'payWrong':
        return this.pay(buyer, { amount: price - 1 });
      case 'payInSilence': {
        const session = this.sessions.get(buyer);
        if (session === undefined || stripe.sessions.get(session)?.status !== 'open') return;
        await stripe.pay(session);
        this.silent.add(session);
        return;
      }
      case 'failLater':
      case 'failInSilence':
        return this.failLater(buyer, act === 'failInSilence');
      case 'land':
        return stripe.land();
      case 'cancel':
        this.run({ kind: 'cancelOrder', orderId });
        return;
      case 'expire':
        this.clock.advance(11 * minuteMs);
        this.run({ kind: 'releaseDue', orders: 2 });
        return;
      case 'operatorRefund':
      case 'withdraw':
        this.run({ kind: 'refundOrder', actor: 'operator', orderId, restock: act === 'operatorRefund' });
        return;
      case 'sendRefunds':
        return this.sendRefunds();
      case 'reconcile':
        await createReconciliation(this.deps)();
        return;
      case 'restart':
        this.scratch.reopen();
    }
  }

  /** A slow payment that fails in the end: the buyer keeps the money. */
  async failLater(buyer: number, isSilent: boolean): Promise<void> {
    const session = this.sessions.get(buyer);
    if (session === undefined || stripe.sessions.get(session)?.status !== 'open') return;
    await stripe.payLater(session);
    const { body, headers } = await stripe.failLater(session);
    if (isSilent) return;
    const reading = await this.provider.readWebhook(body, new Headers(headers), Date.now());
    if (reading.kind !== 'event') throw new Error('A webhook was not understood.');
    this.run(recordPaymentOf(reading.event, 'stripe', ids));
  }

  /** Everything that is still open comes to its end. */
  async settle(): Promise<void> {
    stripe.faults.clear();
    await createReconciliation(this.deps)();
    for (let round = 0; round < 40 && this.owed() > 0; round += 1) await this.sendRefunds();
    // What was lost on its way to Stripe arrives when nobody waits for it any more.
    await stripe.land();
  }

  /** Checkouts that the next reconciliation asks about although Stripe has said that nothing more comes of them. */
  askedInVain(): string[] {
    const open = this.scratch.rows<{ reference: string }>(
      'select reference from checkouts where closed_at is null',
    );
    return open.map((row) => row.reference).filter((id) => stripe.sessions.get(id)?.status !== 'open');
  }

  owed(): number {
    return (
      this.scratch.rows<{ n: number }>("select count(*) as n from refunds where status <> 'sent'")[0]?.n ?? 0
    );
  }
}

const normal = 30;

test('money kept is units sold, and every other payment went back exactly once', {
  timeout: searchDeadlineMs(normal),
}, async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
    async (steps) => {
      stripe.reset();
      const shop = new MoneyShop();
      using _ = shop.scratch;
      shop.run(createDrop({ items: [{ sku: 'one', name: 'One', price, stock: 3 }] }));
      for (const taken of steps) await shop.take(taken);
      await shop.settle();
      const sold = shop.scratch.rows<{ sold: number }>('select sold from items')[0]?.sold ?? 0;
      const paid = [...stripe.payments.values()];
      const kept = paid.filter(({ refunds }) => refunds === 0);
      expect(kept.reduce((sum, { amount }) => sum + amount, 0)).toBe(sold * price);
      expect(paid.filter(({ refunds }) => refunds > 1)).toEqual([]);
      expect(shop.owed()).toBe(0);
      expect(shop.askedInVain()).toEqual([]);
      expect(audit(shop.scratch.reader)).toEqual([]);
    },
  );
  await fc.assert(property, runs(normal));
});
