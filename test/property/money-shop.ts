/** A shop with Stripe on loopback, a clock that tests move, and every event of a payment. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../drizzle/schema.ts';
import { createReconciliation } from '../../src/background/reconciliation.ts';
import { sendRefunds } from '../../src/background/refund-sender.ts';
import { moneyReads } from '../../src/database/money-reads.ts';
import { readsOf } from '../../src/database/read-database.ts';
import type { ShopDatabase } from '../../src/database/shop-database.ts';
import type { Command } from '../../src/domain/command.ts';
import type { CommandOutcome } from '../../src/domain/outcome.ts';
import { createIds } from '../../src/ids/ids.ts';
import type { PaymentEvent, PaymentProvider } from '../../src/payments/provider.ts';
import { recordMovementOf } from '../../src/payments/record-movement.ts';
import { recordPaymentOf } from '../../src/payments/record-payment.ts';
import { createStripeProvider } from '../../src/payments/stripe.ts';
import { minuteMs, noon, placeHold } from '../support/commands.ts';
import { readMark } from '../support/deployment-mark.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { LoopbackStripe } from '../support/loopback-stripe.ts';
import type { Charge, LoopbackPayment } from '../support/loopback-stripe-objects.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { disputeOf } from '../support/stripe-movements.ts';

export const price = 1_250;
const ids = createIds('a-secret-of-thirty-two-characters');
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** A shop on the real committer, without its thread, so that its clock can be moved. */
export class MoneyShop {
  readonly stripe: LoopbackStripe;
  readonly provider: PaymentProvider;
  readonly scratch = new ScratchStore();
  readonly clock = new FakeClock(noon);
  readonly orders = new Map<number, number>();
  readonly sessions = new Map<number, string>();
  /** Paid sessions whose webhook was lost. */
  readonly silent = new Set<string>();

  constructor(stripe: LoopbackStripe) {
    this.stripe = stripe;
    const { secretKey, webhookSecret, url: apiBase } = stripe;
    this.provider = createStripeProvider({ secretKey, webhookSecret, apiBase, timeoutMs: 60_000, readMark });
  }

  run<C extends Command>(command: C): CommandOutcome<C> {
    return this.scratch.run(command, this.clock.now());
  }

  /** The part of a store that background work needs. */
  get db(): ShopDatabase {
    const reads = readsOf(drizzle(this.scratch.reader, { schema }));
    return { ...reads, submit: async (command: Command) => this.run(command) } as unknown as ShopDatabase;
  }

  get deps() {
    const { db, clock, provider } = this;
    return { db, clock, ids, log, providers: new Map([['stripe', provider]]), random: () => 0 };
  }

  async hold(buyer: number): Promise<void> {
    const held = this.run(placeHold(`buyer ${buyer}`));
    if (held.kind !== 'held') return;
    const orderId = held.order.id;
    const ref = ids.order({ dropId: 1, orderId });
    const now = Date.now();
    const checkout = await this.provider.checkout({
      orderId: ref,
      orderCode: 1,
      amount: price,
      currency: 'EUR',
      description: 'A shoe',
      expiresAt: now + 10 * minuteMs,
      successUrl: 'https://shop.example/paid',
      cancelUrl: 'https://shop.example/cancelled',
      now,
      opened: 0,
    });
    this.run({ kind: 'recordCheckout', orderId, provider: 'stripe', ...checkout });
    this.orders.set(buyer, orderId);
    this.sessions.set(buyer, checkout.reference);
  }

  async pay(buyer: number, charge: Charge = {}): Promise<void> {
    const session = this.sessions.get(buyer);
    if (session === undefined) return;
    // A payment whose webhook was lost is reported at last.
    const isOld = this.silent.delete(session);
    const { body, headers } = isOld
      ? await this.stripe.event('checkout.session.completed', this.stripe.sessions.get(session) ?? {})
      : await this.stripe.pay(session, charge);
    const reading = await this.provider.readWebhook(body, new Headers(headers), Date.now());
    if (reading.kind !== 'event') throw new Error('A webhook was not understood.');
    this.#record(reading.event);
  }

  #record(event: PaymentEvent): void {
    const command = recordPaymentOf(event, 'stripe', { ...this.deps, ...moneyReads(this.db) });
    if (command.kind === 'ignored') throw new Error('A payment of this shop was ignored.');
    this.run(command);
  }

  async sendRefunds(): Promise<void> {
    const sender = sendRefunds(this.deps);
    this.clock.advance(60 * minuteMs);
    await sender.stop();
  }

  /** The payments for a buyer's order, also those unknown to this server. */
  paymentsOf(buyer: number): LoopbackPayment[] {
    const ref = ids.order({ dropId: 1, orderId: this.orders.get(buyer) ?? 0 });
    return [...this.stripe.payments.values()].filter(({ order }) => order === ref);
  }

  /** Delivers a webhook about a dispute or a refund `times` times. */
  async report(type: string, object: object, times: number): Promise<void> {
    const { body, headers } = await this.stripe.event(type, object);
    for (let time = 0; time < times; time += 1) {
      const reading = await this.provider.readWebhook(body, new Headers(headers), Date.now());
      if (reading.kind !== 'movements') throw new Error('A webhook was not understood.');
      for (const one of reading.movements) this.run(recordMovementOf(one, 'stripe', ids, true));
    }
  }

  async dispute(buyer: number, reports: number): Promise<void> {
    const payment = this.paymentsOf(buyer).at(-1);
    if (!payment || this.stripe.disputes.some((one) => one.payment_intent === payment.id)) return;
    const dispute = disputeOf(payment);
    this.stripe.disputes.push(dispute);
    await this.report('charge.dispute.created', dispute, reports);
  }

  async closeDispute(buyer: number, reports: number): Promise<void> {
    const payments = new Set<unknown>(this.paymentsOf(buyer).map(({ id }) => id));
    const open = this.stripe.disputes.find(
      (one) => one.status === 'needs_response' && payments.has(one.payment_intent),
    );
    if (!open) return;
    open.status = buyer % 2 === 0 ? 'won' : 'lost';
    await this.report('charge.dispute.closed', open, reports);
  }

  async refundOutside(buyer: number, reports: number): Promise<void> {
    const payment = this.paymentsOf(buyer).findLast(({ refunds }) => refunds === 0);
    if (payment) await this.report('refund.created', this.stripe.makeRefund(payment), reports);
  }

  /** The bank rejects a refund that Stripe accepted. */
  async failRefund(buyer: number, reports: number): Promise<void> {
    for (const payment of this.paymentsOf(buyer)) {
      const made = this.stripe.refunds.find(
        (one) => one.payment_intent === payment.id && one.status === 'succeeded',
      );
      if (!made) continue;
      Object.assign(made, { status: 'failed', failure_reason: 'declined' });
      payment.refunds -= 1;
      return this.report('refund.failed', made, reports);
    }
  }

  retryRefunds(): void {
    const failed = this.scratch.rows<{ id: number }>("select id from refunds where status = 'failed'");
    for (const { id: refundId } of failed) this.run({ kind: 'retryRefund', actor: 'operator', refundId });
  }

  /** A slow payment that fails: the buyer keeps the money. */
  async failLater(buyer: number, isSilent: boolean): Promise<void> {
    const session = this.sessions.get(buyer);
    if (session === undefined || this.stripe.sessions.get(session)?.status !== 'open') return;
    await this.stripe.payLater(session);
    const { body, headers } = await this.stripe.failLater(session);
    if (isSilent) return;
    const reading = await this.provider.readWebhook(body, new Headers(headers), Date.now());
    if (reading.kind !== 'event') throw new Error('A webhook was not understood.');
    this.#record(reading.event);
  }

  async reconcile(): Promise<void> {
    await createReconciliation(this.deps)();
  }

  /** Brings every open payment and refund to its end. */
  async settle(): Promise<void> {
    this.stripe.faults.clear();
    // Makes the findings of earlier reconciliations older.
    this.clock.advance(minuteMs);
    await this.reconcile();
    for (let round = 0; round < 40 && this.owed() > 0; round += 1) {
      this.retryRefunds();
      await this.sendRefunds();
    }
    // Requests delayed on the way to Stripe arrive after their clients gave up.
    await this.stripe.land();
  }

  /** Checkouts that the next reconciliation queries although their final state is known. */
  askedInVain(): string[] {
    const open = this.scratch.rows<{ reference: string }>(
      'select reference from checkouts where closed_at is null',
    );
    return open.map((row) => row.reference).filter((id) => this.stripe.sessions.get(id)?.status !== 'open');
  }

  /** Disputes by the provider's id, as the shop records them. */
  disputes(): unknown[] {
    return this.scratch.rows('select reference, status from disputes order by reference');
  }

  owed(): number {
    return (
      this.scratch.rows<{ n: number }>(
        "select count(*) as n from refunds where status in ('pending', 'failed')",
      )[0]?.n ?? 0
    );
  }

  /** Sold units whose money was lost in a dispute. */
  soldAndLost(): number {
    const lost = "status in ('paid', 'fulfilled') and dispute = 'lost'";
    return this.scratch.rows<{ n: number }>(`select count(*) as n from orders where ${lost}`)[0]?.n ?? 0;
  }
}
