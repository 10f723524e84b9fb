/** Stripe on loopback: sessions, refunds and webhooks, with a ledger that tests can read. */
import { randomBytes } from 'node:crypto';
import { type Answered, type Asked, fieldsIn, LoopbackProvider } from './loopback-provider.ts';
import type { Charge, LoopbackPayment, LoopbackRefund, LoopbackSession } from './loopback-stripe-objects.ts';
import { type Delivery, signedByStripe } from './stripe-signature.ts';

/** An id in the form of Stripe's. */
export const stripeId = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}`;
const invalid = (code: string): Answered => ({
  status: 400,
  json: { error: { type: 'invalid_request_error', code, message: 'no' } },
});
export class LoopbackStripe extends LoopbackProvider {
  readonly secretKey = 'sk_test_loopback';
  readonly webhookSecret = 'whsec_loopback';
  readonly sessions = new Map<string, LoopbackSession>();
  /** Sessions that the shop has queried since they ended. */
  readonly endsRead = new Set<string>();
  readonly payments = new Map<string, LoopbackPayment>();
  readonly refunds: LoopbackRefund[] = [];
  /** In the order in which Stripe lists them. */
  readonly disputes: { id: string; [field: string]: unknown }[] = [];
  /** States of payments that end after their session; the ledger has the others. */
  readonly #intents = new Map<string, 'processing' | 'requires_payment_method'>();
  /** Whether a payment can be refunded twice, as with partial refunds: the ledger then shows it. */
  takesEveryRefund = false;
  /** Codes by currency with which Stripe permanently refuses a session. */
  readonly refusals = new Map<string, string>();

  override reset(): void {
    super.reset();
    for (const memory of [this.sessions, this.endsRead, this.payments, this.#intents]) memory.clear();
    this.refunds.length = 0;
    this.disputes.length = 0;
  }

  /** Pays a session, in any state; returns the webhook that Stripe would send. */
  async pay(sessionId: string, charge: Charge = {}): Promise<Delivery> {
    const session = this.sessions.get(sessionId);
    if (!session) throw new Error('No such session.');
    const { type = 'checkout.session.completed', amount = session.amount_total } = charge;
    const { currency = session.currency } = charge;
    const { client_reference_id: order, payment_metadata: metadata } = session;
    const payment = { id: stripeId('pi'), order, amount, currency, refunds: 0, metadata };
    this.payments.set(payment.id, payment);
    Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: payment.id });
    const paid = { ...session, amount_total: amount, currency };
    return this.event(type, paid);
  }

  /** Pays by a slow debit: the session completes before the money arrives. */
  payLater(sessionId: string): Promise<Delivery> {
    const intent = stripeId('pi');
    this.#intents.set(intent, 'processing');
    return this.#change('checkout.session.completed', sessionId, {
      status: 'complete',
      payment_intent: intent,
    });
  }

  /** Fails the slow debit. */
  failLater(sessionId: string): Promise<Delivery> {
    this.#intents.set(this.sessions.get(sessionId)?.payment_intent ?? '', 'requires_payment_method');
    return this.#change('checkout.session.async_payment_failed', sessionId, {});
  }

  #change(type: string, sessionId: string, change: Partial<LoopbackSession>): Promise<Delivery> {
    const session = this.sessions.get(sessionId);
    if (!session) throw new Error('No such session.');
    return this.event(type, Object.assign(session, change));
  }

  /** An event about an object, signed now. */
  event(type: string, object: object): Promise<Delivery> {
    const created = Math.floor(Date.now() / 1000);
    const event = { id: stripeId('evt'), object: 'event', type, created, livemode: false, data: { object } };
    return signedByStripe(JSON.stringify(event, null, 2), this.webhookSecret);
  }

  protected override routeOf(path: string): string {
    return path.replace(/\/(?:cs|pi)_[a-z0-9]+/, '/:id');
  }

  protected override keyOf({ method, headers }: Asked): string | null {
    const key = headers['idempotency-key'];
    return method === 'POST' && typeof key === 'string' ? key : null;
  }

  protected override errorBody(status: 429 | 500): object {
    const limited = { type: 'invalid_request_error', code: 'rate_limit', message: 'no' };
    return { error: status === 429 ? limited : { type: 'api_error', message: 'no' } };
  }

  protected override keyRefusal(reason: 'in_use' | 'other_parameters'): Answered {
    return reason === 'in_use'
      ? { ...invalid('idempotency_key_in_use'), status: 409 }
      : { status: 400, json: { error: { type: 'idempotency_error', message: 'no' } } };
  }

  protected override answer(asked: Asked): Answered {
    const isSigned = asked.headers.authorization === `Bearer ${this.secretKey}`;
    if (!isSigned) return { status: 401, json: { error: { type: 'invalid_request_error' } }, isUnkept: true };
    return this.#do(asked);
  }

  #do({ method, path, body, query }: Asked): Answered {
    const fields = new URLSearchParams(body);
    const [, , resource, , sessionId = '', action] = path.split('/');
    if (path === '/v1/checkout/sessions' && method === 'POST') return this.#open(fields);
    if (resource === 'checkout') {
      const session = this.sessions.get(sessionId);
      if (!session) return { ...invalid('resource_missing'), status: 404 };
      const isExpanded = query.get('expand[0]') === 'payment_intent';
      if (action !== 'expire') return { status: 200, json: isExpanded ? this.#expanded(session) : session };
      if (session.status !== 'open') return invalid('checkout_session_not_open');
      session.status = 'expired';
      return { status: 200, json: session };
    }
    if (path === '/v1/refunds' && method === 'POST') return this.#refund(fields);
    if (resource === 'payment_intents') return this.#intent(path.split('/').at(-1) ?? '');
    if (path === '/v1/disputes') return this.#list(path, this.disputes, query);
    if (path.startsWith('/v1/disputes/')) {
      const dispute = this.disputes.find(({ id }) => path.endsWith(`/${id}`));
      return dispute ? { status: 200, json: dispute } : { ...invalid('resource_missing'), status: 404 };
    }
    const intent = query.get('payment_intent');
    const refunds = this.refunds.filter((one) => intent === null || one.payment_intent === intent);
    return this.#list(path, refunds, query);
  }

  #intent(intent: string): Answered {
    const payment = this.payments.get(intent);
    if (!payment) return { ...invalid('resource_missing'), status: 404 };
    return { status: 200, json: { id: intent, object: 'payment_intent', metadata: payment.metadata ?? {} } };
  }

  #expanded(session: LoopbackSession): object {
    if (session.status !== 'open') this.endsRead.add(session.id);
    const { payment_intent: intent } = session;
    if (intent === null) return session;
    const status = this.#intents.get(intent) ?? 'succeeded';
    return { ...session, payment_intent: { id: intent, object: 'payment_intent', status } };
  }

  /** Lists newest first, in pages, as Stripe does. */
  #list(
    url: string,
    oldestFirst: readonly { id: string; created?: unknown }[],
    query: URLSearchParams,
  ): Answered {
    const since = Number(query.get('created[gte]') ?? 0);
    const all = oldestFirst.filter(({ created = since }) => Number(created) >= since).reverse();
    const from = all.findIndex((one) => one.id === query.get('starting_after')) + 1;
    const data = all.slice(from, from + Number(query.get('limit') ?? 10));
    const has_more = from + data.length < all.length;
    return { status: 200, json: { object: 'list', url, data, has_more } };
  }

  #open(fields: URLSearchParams): Answered {
    const refusal = this.refusals.get(fields.get('line_items[0][price_data][currency]') ?? '');
    if (refusal !== undefined) return { ...invalid(refusal), isUnkept: true };
    const expiresAt = Number(fields.get('expires_at'));
    const inSeconds = expiresAt - Date.now() / 1000;
    if (inSeconds < 30 * 60 || inSeconds > 24 * 3_600)
      return { ...invalid('parameter_invalid_integer'), isUnkept: true };
    const session: LoopbackSession = {
      id: stripeId('cs_test').replace('test_', 'test'),
      object: 'checkout.session',
      url: `${this.url}/pay`,
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: Number(fields.get('line_items[0][price_data][unit_amount]')),
      currency: fields.get('line_items[0][price_data][currency]') ?? '',
      client_reference_id: fields.get('client_reference_id') ?? '',
      expires_at: expiresAt,
      success_url: fields.get('success_url') ?? '',
      cancel_url: fields.get('cancel_url') ?? '',
      metadata: fieldsIn(fields, 'metadata'),
      payment_metadata: fieldsIn(fields, 'payment_intent_data[metadata]'),
    };
    session.url = `${this.url}/pay/${session.id}`;
    this.sessions.set(session.id, session);
    return { status: 200, json: session };
  }

  /** What dashboard refunds leave of a payment; the ledger shows a double refund. */
  #leftAfterDashboard({ id, amount }: LoopbackPayment): number {
    const made = this.refunds.filter((one) => one.payment_intent === id && one.status === 'succeeded');
    const isOutside = made.some(({ metadata }) => metadata.stampede_refund === undefined);
    return isOutside ? made.reduce((left, one) => left - one.amount, amount) : Number.POSITIVE_INFINITY;
  }

  #refund(fields: URLSearchParams): Answered {
    const payment = this.payments.get(fields.get('payment_intent') ?? '');
    if (!payment) return invalid('resource_missing');
    if (payment.refunds > 0 && !this.takesEveryRefund) return invalid('charge_already_refunded');
    const amount = Number(fields.get('amount'));
    const left = this.#leftAfterDashboard(payment);
    if (amount > left) return invalid(left === 0 ? 'charge_already_refunded' : 'amount_too_large');
    const mark = { stampede_refund: fields.get('metadata[stampede_refund]') ?? '' };
    return { status: 200, json: this.makeRefund(payment, amount, mark) };
  }

  /** Refunds a payment; a refund made in the dashboard has no metadata. */
  makeRefund(
    payment: LoopbackPayment,
    amount = payment.amount,
    metadata: Record<string, string> = {},
  ): LoopbackRefund {
    const { id: payment_intent, currency } = payment;
    const made = { id: stripeId('re'), object: 'refund', status: 'succeeded' } as const;
    const refund: LoopbackRefund = { ...made, amount, currency, payment_intent, metadata };
    payment.refunds += 1;
    this.refunds.push(refund);
    return refund;
  }
}
