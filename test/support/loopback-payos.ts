/**
 * Simulates payOS on loopback: its wire format for payment links, payouts and webhooks, with a
 * ledger that tests can read.
 */
import { randomBytes } from 'node:crypto';
import { PayOS, type WebhookData } from '@payos/node';
import { type Answered, type Asked, LoopbackProvider } from './loopback-provider.ts';
import type { Delivery } from './stripe-signature.ts';

interface LoopbackTransfer {
  reference: string;
  description: string;
  amount: number;
  transactionDateTime: string;
  counterAccountBankId: string | null;
  counterAccountNumber: string | null;
}

export interface LoopbackLink {
  id: string;
  orderCode: number;
  amount: number;
  status: 'PENDING' | 'PAID' | 'UNDERPAID' | 'PROCESSING' | 'CANCELLED' | 'EXPIRED' | 'FAILED';
  expiredAt: number;
  returnUrl: string;
  cancelUrl: string;
  description: string;
  transactions: LoopbackTransfer[];
}

export interface LoopbackPayout {
  referenceId: string;
  amount: number;
  toBin: string;
  toAccountNumber: string;
  state: 'SUCCEEDED' | 'FAILED' | 'REVERSED' | 'CANCELLED';
  /** ISO 8601; the current time when absent. */
  createdAt?: string;
}

/** Vietnam's time, as payOS writes it. */
export const vietnamTime = (ms: number): string =>
  new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

export class LoopbackPayos extends LoopbackProvider {
  readonly clientId = 'client';
  readonly apiKey = 'api-key';
  readonly checksumKey = 'checksum-key';
  readonly links = new Map<number, LoopbackLink>();
  readonly payouts: LoopbackPayout[] = [];
  /** The final state of requested payouts. */
  payoutState: LoopbackPayout['state'] = 'SUCCEEDED';
  /** The code with which payOS refuses every new link; null accepts them. */
  refusal: string | null = null;
  // The SDK itself, so that signatures match what the server's SDK checks.
  readonly #sdk = new PayOS({ clientId: this.clientId, apiKey: this.apiKey, checksumKey: this.checksumKey });

  /** A buyer's transfer for a link, in any state; returns the webhook that payOS would send. */
  async pay(
    orderCode: number,
    changes: Partial<WebhookData> & { payer?: string | null } = {},
  ): Promise<Delivery> {
    const link = this.links.get(orderCode);
    if (!link) throw new Error('No such link.');
    const { payer = '0011223344', ...data } = changes;
    const transfer: LoopbackTransfer = {
      reference: `FT${randomBytes(6).toString('hex')}`,
      description: data.description ?? link.description,
      amount: data.amount ?? link.amount,
      transactionDateTime: data.transactionDateTime ?? vietnamTime(Date.now()),
      counterAccountBankId: payer === null ? null : '970415',
      counterAccountNumber: payer,
    };
    link.transactions.push(transfer);
    link.status = 'PAID';
    return this.webhook({
      orderCode,
      accountNumber: '12345678',
      currency: 'VND',
      paymentLinkId: link.id,
      code: '00',
      desc: 'success',
      ...transfer,
      ...data,
    });
  }

  /** A signed webhook about a transfer. */
  async webhook(data: WebhookData): Promise<Delivery> {
    const signature = await this.#sdk.crypto.createSignatureFromObj(data, this.checksumKey);
    return {
      body: JSON.stringify({ code: '00', desc: 'success', success: true, data, signature }),
      headers: { 'content-type': 'application/json' },
    };
  }

  protected override routeOf(path: string): string {
    return path.replace(/\/\d+/, '/:id').replace(/\/$/, '');
  }

  protected override keyOf({ method, headers }: Asked): string | null {
    const key = headers['x-idempotency-key'];
    return method === 'POST' && typeof key === 'string' ? key : null;
  }

  protected override errorBody(status: 429 | 500): object {
    return { code: String(status), desc: 'no' };
  }

  // payOS documents neither refusal: this is what most providers answer.
  protected override keyRefusal(): Answered {
    return { status: 409, json: { code: '409', desc: 'the key is taken' } };
  }

  protected override async answer(asked: Asked): Promise<Answered> {
    const { method, path, headers, body } = asked;
    if (headers['x-client-id'] !== this.clientId || headers['x-api-key'] !== this.apiKey)
      return { status: 401, json: { code: '401', desc: 'no' }, isUnkept: true };
    const route = `${method} ${this.routeOf(path)}`;
    const link = this.links.get(Number(/\/(\d+)/.exec(path.replace('/v2/', '/'))?.[1]));
    if (route === 'POST /v2/payment-requests') return this.#open(JSON.parse(body));
    if (route === 'POST /v1/payouts') return this.#payOut(asked);
    if (route === 'GET /v1/payouts') return this.#listPayouts(asked.query);
    if (!link) return { status: 200, json: { code: '101', desc: 'no such link' } };
    if (route === 'POST /v2/payment-requests/:id/cancel') {
      if (link.status !== 'PENDING') return { status: 200, json: { code: '231', desc: 'link has ended' } };
      link.status = 'CANCELLED';
    }
    return this.#signed(link);
  }

  async #signed(data: object): Promise<Answered> {
    const signature = await this.#sdk.crypto.createSignatureFromObj(data, this.checksumKey);
    return { status: 200, json: { code: '00', desc: 'success', data, signature } };
  }

  async #open(asked: LoopbackLink & { signature: string }): Promise<Answered> {
    const expected = await this.#sdk.crypto.createSignatureOfPaymentRequest(asked, this.checksumKey);
    if (asked.signature !== expected) return { status: 200, json: { code: '201', desc: 'bad signature' } };
    if (this.links.has(asked.orderCode)) return { status: 200, json: { code: '231', desc: 'exists' } };
    if (this.refusal !== null) return { status: 200, json: { code: this.refusal, desc: 'no' } };
    const { orderCode, amount, expiredAt, description, returnUrl, cancelUrl } = asked;
    const id = randomBytes(16).toString('hex');
    this.links.set(orderCode, {
      id,
      orderCode,
      amount,
      status: 'PENDING',
      expiredAt,
      returnUrl,
      cancelUrl,
      description,
      transactions: [],
    });
    const checkoutUrl = `https://pay.payos.vn/web/${id}`;
    return this.#signed({
      orderCode,
      amount,
      description,
      paymentLinkId: id,
      checkoutUrl,
      status: 'PENDING',
    });
  }

  async #payOut({ headers, body }: Asked): Promise<Answered> {
    const asked: Omit<LoopbackPayout, 'state'> = JSON.parse(body);
    const signature = await this.#sdk.crypto.createSignature(this.checksumKey, asked);
    if (headers['x-signature'] !== signature)
      return { status: 400, json: { code: '20', desc: 'bad signature' } };
    const payout: LoopbackPayout = { ...asked, state: this.payoutState, createdAt: new Date().toISOString() };
    this.payouts.push(payout);
    return { status: 200, json: { code: '00', desc: 'success', data: this.#payoutOf(payout) } };
  }

  #payoutOf = (payout: LoopbackPayout) => ({
    id: `po_${this.payouts.indexOf(payout) + 1}`,
    referenceId: payout.referenceId,
    approvalState: 'COMPLETED',
    createdAt: payout.createdAt,
    transactions: [{ amount: payout.amount, state: payout.state }],
  });

  #listPayouts(query: URLSearchParams): Answered {
    const referenceId = query.get('referenceId');
    const from = Date.parse(query.get('fromDate') ?? new Date(0).toISOString());
    const all = this.payouts.filter(
      (payout) =>
        (referenceId === null || payout.referenceId === referenceId) &&
        (payout.createdAt === undefined || Date.parse(payout.createdAt) >= from),
    );
    const [limit, offset] = [Number(query.get('limit') ?? 10), Number(query.get('offset') ?? 0)];
    const payouts = all.slice(offset, offset + limit).map(this.#payoutOf);
    const hasMore = offset + limit < all.length;
    const pagination = { limit, offset, total: all.length, count: payouts.length, hasMore };
    return { status: 200, json: { code: '00', desc: 'success', data: { pagination, payouts } } };
  }
}
