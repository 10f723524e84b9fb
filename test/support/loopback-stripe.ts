/** Stripe on loopback: its wire format for sessions, refunds and webhooks, with a ledger that tests can look into. */
import { randomBytes } from 'node:crypto';
import Stripe from 'stripe';
import { type Answered, type Asked, LoopbackProvider } from './loopback-provider.ts';

export interface LoopbackSession {
  id: string;
  object: 'checkout.session';
  url: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
  amount_total: number;
  currency: string;
  client_reference_id: string;
  expires_at: number;
  success_url: string;
  cancel_url: string;
  metadata: Record<string, string>;
}

export interface LoopbackPayment {
  id: string;
  order: string;
  amount: number;
  currency: string;
  /** How often its money went back: more than once is a disaster. */
  refunds: number;
}

interface LoopbackRefund {
  id: string;
  object: 'refund';
  status: 'succeeded';
  amount: number;
  payment_intent: string;
}

/** A webhook ready to be delivered. */
export interface Delivery {
  body: string;
  headers: Record<string, string>;
}

export interface Charge {
  amount?: number;
  currency?: string;
  type?: string;
}

const id = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}`;
const invalid = (code: string): Answered => ({
  status: 400,
  json: { error: { type: 'invalid_request_error', code, message: 'no' } },
});
const stripe = new Stripe('sk_test_loopback');
const cryptoProvider = Stripe.createSubtleCryptoProvider();

/** Signs a body as Stripe does, by the SDK's own helper; `ageSeconds` is how long ago. */
export async function signedByStripe(body: string, secret: string, ageSeconds = 0): Promise<Delivery> {
  const signature = await stripe.webhooks.generateTestHeaderStringAsync({
    payload: body,
    secret,
    timestamp: Math.floor(Date.now() / 1000) - ageSeconds,
    cryptoProvider,
  });
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}

export class LoopbackStripe extends LoopbackProvider {
  readonly secretKey = 'sk_test_loopback';
  readonly webhookSecret = 'whsec_loopback';
  readonly sessions = new Map<string, LoopbackSession>();
  readonly payments = new Map<string, LoopbackPayment>();
  readonly refunds: LoopbackRefund[] = [];
  /** Answers by idempotency key, with the request that earned them. */
  readonly #answers = new Map<string, { request: string; answer: Answered }>();

  /** As on its first day. */
  reset(): void {
    for (const memory of [this.sessions, this.payments, this.faults, this.#answers]) memory.clear();
    this.refunds.length = 0;
  }

  /** A buyer pays a session, whatever its state: the webhook that Stripe would send. */
  async pay(sessionId: string, charge: Charge = {}): Promise<Delivery> {
    const session = this.sessions.get(sessionId);
    if (!session) throw new Error('No such session.');
    const { type = 'checkout.session.completed', amount = session.amount_total } = charge;
    const { currency = session.currency } = charge;
    const payment = { id: id('pi'), order: session.client_reference_id, amount, currency, refunds: 0 };
    this.payments.set(payment.id, payment);
    Object.assign(session, { status: 'complete', payment_status: 'paid', payment_intent: payment.id });
    const paid = { ...session, amount_total: amount, currency };
    return this.event(type, paid);
  }

  /** An event about an object, signed now. */
  event(type: string, object: object): Promise<Delivery> {
    const event = { id: id('evt'), object: 'event', type, livemode: false, data: { object } };
    return signedByStripe(JSON.stringify(event, null, 2), this.webhookSecret);
  }

  protected override routeOf(path: string): string {
    return path.replace(/\/cs_[a-z0-9]+/, '/:id');
  }

  protected override answer(asked: Asked): Answered {
    if (asked.headers.authorization !== `Bearer ${this.secretKey}`)
      return { status: 401, json: { error: { type: 'invalid_request_error' } } };
    const key = asked.headers['idempotency-key'];
    if (asked.method !== 'POST' || typeof key !== 'string') return this.#do(asked);
    const request = `${asked.path} ${asked.body}`;
    const known = this.#answers.get(key);
    if (known && known.request !== request)
      return { status: 400, json: { error: { type: 'idempotency_error', message: 'no' } } };
    const answer = known?.answer ?? this.#do(asked);
    this.#answers.set(key, { request, answer });
    return answer;
  }

  #do({ method, path, body, query }: Asked): Answered {
    const fields = new URLSearchParams(body);
    const [, , resource, , sessionId = '', action] = path.split('/');
    if (path === '/v1/checkout/sessions' && method === 'POST') return this.#open(fields);
    if (resource === 'checkout') {
      const session = this.sessions.get(sessionId);
      if (!session) return { ...invalid('resource_missing'), status: 404 };
      if (action !== 'expire') return { status: 200, json: session };
      if (session.status !== 'open') return invalid('checkout_session_not_open');
      session.status = 'expired';
      return { status: 200, json: session };
    }
    if (path === '/v1/refunds' && method === 'POST') return this.#refund(fields);
    const data = this.refunds.filter((refund) => refund.payment_intent === query.get('payment_intent'));
    return { status: 200, json: { object: 'list', data, has_more: false } };
  }

  #open(fields: URLSearchParams): Answered {
    const expiresAt = Number(fields.get('expires_at'));
    const inSeconds = expiresAt - Date.now() / 1000;
    if (inSeconds < 30 * 60 || inSeconds > 24 * 3_600) return invalid('parameter_invalid_integer');
    const session: LoopbackSession = {
      id: id('cs_test').replace('test_', 'test'),
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
      metadata: { stampede_order: fields.get('metadata[stampede_order]') ?? '' },
    };
    session.url = `${this.url}/pay/${session.id}`;
    this.sessions.set(session.id, session);
    return { status: 200, json: session };
  }

  #refund(fields: URLSearchParams): Answered {
    const payment = this.payments.get(fields.get('payment_intent') ?? '');
    if (!payment) return invalid('resource_missing');
    if (payment.refunds > 0) return invalid('charge_already_refunded');
    payment.refunds += 1;
    const refund = {
      id: id('re'),
      object: 'refund',
      status: 'succeeded',
      amount: Number(fields.get('amount')),
      payment_intent: payment.id,
    } as const;
    this.refunds.push(refund);
    return { status: 200, json: refund };
  }
}
