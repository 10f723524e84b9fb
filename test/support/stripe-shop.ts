/** A server with Stripe on loopback as its provider, and the actions of buyers and Stripe. */

import { afterAll, beforeAll, expect } from 'vitest';
import type { Answer } from './client.ts';
import { violationsOf } from './database-files.ts';
import { LoopbackStripe } from './loopback-stripe.ts';
import type { Charge, LoopbackSession } from './loopback-stripe-objects.ts';
import { stripeSettings } from './provider-settings.ts';
import { type RuntimeName, type ServerProcess, startServer } from './server-process.ts';
import type { Purchase } from './shapes.ts';
import { payPath, Shop, until } from './shop.ts';
import type { Delivery } from './stripe-signature.ts';

const webhookPath = '/payments/stripe/webhook';

export class StripeShop extends Shop {
  readonly stripe: LoopbackStripe;

  /** `stripe` of another shop gives both the same account. */
  constructor(stripe = new LoopbackStripe()) {
    super();
    this.stripe = stripe;
  }

  async start(
    runtime: RuntimeName,
    databaseFile?: string,
    more: Record<string, string> = {},
  ): Promise<ServerProcess> {
    const env = {
      ...more,
      PAYMENT_PROVIDERS: 'stripe',
      ...stripeSettings(this.stripe),
    };
    return this.startWith(runtime, databaseFile, env);
  }

  /** Starts with other payment providers than Stripe. */
  async startWith(
    runtime: RuntimeName,
    databaseFile: string | undefined,
    env: Record<string, string>,
  ): Promise<ServerProcess> {
    const server = await startServer({ runtime, env, ...(databaseFile !== undefined && { databaseFile }) });
    this.open(server);
    return server;
  }

  /** Opens the payment page, as a browser does, and returns the session that it redirects to. */
  async openSession(purchase: Purchase): Promise<LoopbackSession> {
    const answer = await this.send({ path: payPath(purchase) });
    expect(answer.status, answer.text).toBe(303);
    return this.#sessionAt(answer.headers.location);
  }

  /** Opens the payment page; null where the hold is over and the page says so. */
  async tryToOpenSession(purchase: Purchase): Promise<LoopbackSession | null> {
    const answer = await fetch(purchase.payment.url, { redirect: 'manual' });
    const text = await answer.text();
    if (answer.status === 410) return null;
    expect(answer.status, text).toBe(303);
    return this.#sessionAt(answer.headers.get('location'));
  }

  #sessionAt(location: string | null | undefined): LoopbackSession {
    const session = [...this.stripe.sessions.values()].find(({ url }) => url === location);
    if (!session) throw new Error('The page leads to no session.');
    return session;
  }

  deliver({ body, headers }: Delivery): Promise<Answer> {
    return this.send({ method: 'POST', path: webhookPath, body, headers });
  }

  /** Pays at Stripe and delivers its webhook; returns the server's answer. */
  async charge(session: LoopbackSession, charge: Charge = {}): Promise<Answer> {
    return this.deliver(await this.stripe.pay(session.id, charge));
  }

  /**
   * Waits until the server has ended a session and has read that it is unpaid: a payment is late
   * then, and only its webhook reports it.
   */
  async sessionEnds({ id }: LoopbackSession): Promise<void> {
    await until(
      async () => this.stripe.endsRead.has(id),
      (isRead) => isRead,
    );
  }

  /** The number of payments at Stripe that were not refunded. */
  kept(): number {
    return [...this.stripe.payments.values()].filter(({ refunds }) => refunds === 0).length;
  }

  /** Waits until no refund is pending. */
  async settled(): Promise<void> {
    const pending = async () => {
      const answer = await this.admin({ path: '/admin/refunds?status=pending' });
      return (JSON.parse(answer.text) as { refunds: unknown[] }).refunds.length;
    };
    await until(pending, (owed) => owed === 0);
  }

  /** Stops the server and audits its file. */
  async end(): Promise<void> {
    expect(this.violations()).toEqual([]);
    expect(await this.server.stop(), this.server.output().slice(-2_000)).toEqual({ code: 0, signal: null });
  }

  violations(): string[] {
    return violationsOf(this.server);
  }
}

/** Registers the start and the end of such a shop around the tests of the current `describe`. */
export function useStripeShop(runtime: RuntimeName): StripeShop {
  const shop = new StripeShop();
  beforeAll(async () => {
    await shop.stripe.listen();
    await shop.start(runtime);
  });
  afterAll(async () => {
    await shop.end();
    await shop.stripe.close();
  });
  return shop;
}
