/** A typed client of the shop's public API with safe retries and no dependencies. */
import { StampedeError, send } from './send.ts';
import type { Drop, DropPhase, OrderState, Purchase, PurchaseRequest, SandboxOutcome } from './shapes.ts';

export type {
  Customer,
  Drop,
  DropPhase,
  Item,
  Order,
  OrderState,
  Payment,
  Problem,
  Purchase,
  PurchaseRequest,
  Refund,
  SandboxOutcome,
} from './shapes.ts';
export { StampedeError };

export interface ClientOptions {
  /** No attempt starts later than this after the first; default 30,000 ms, 0 for a single one. */
  patienceMs?: number;
  /** Timeout of one attempt in milliseconds; default 15,000. */
  timeoutMs?: number;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  /** Aborts the call, which rejects with the signal's reason. The purchase may have been placed. */
  signal?: AbortSignal;
}

export interface PurchaseOptions extends CallOptions {
  /** Key of a failed call (`StampedeError.idempotencyKey`) or your own; default: a new key. */
  idempotencyKey?: string;
}

/**
 * Every method rejects with a `StampedeError` if the server refuses, or if no answer comes in time.
 */
export interface Client {
  /** Every public drop, or those in one phase. */
  drops(filter?: { phase?: Exclude<DropPhase, 'draft'> }, options?: CallOptions): Promise<Drop[]>;
  /** A drop by its id or slug. Code: `not_found`. */
  drop(idOrSlug: string, options?: CallOptions): Promise<Drop>;
  /**
   * Places a hold on units, which awaits payment until `payment.expiresAt`: send the buyer to
   * `payment.url`. All attempts use the same key, so the order is placed at most once.
   *
   * Codes: `sold_out`, `limit_reached`, `not_started`, `ended`, `paused`, `not_found`, `invalid`
   * (see `errors`), `key_reused`, `no_provider`, `too_many_unpaid`; and after the last attempt
   * `overloaded`, `disk_full`, `stopping`, `rate_limited`, `outcome_unknown`, `internal` or
   * `no_answer`: call again with the error's `idempotencyKey`.
   */
  purchase(request: PurchaseRequest, options?: PurchaseOptions): Promise<Purchase>;
  /** An order with its payments and refunds, by its token. Code: `not_found`. */
  order(id: string, token: string, options?: CallOptions): Promise<OrderState>;
  /** Cancels an unpaid order and releases its units. Codes: `not_found`, `already_paid`. */
  cancel(id: string, token: string, options?: CallOptions): Promise<OrderState>;
  /**
   * Simulates a payment in a shop with the sandbox, for tests and demos; `paid_late` pays after the
   * hold has expired. Never retried. In a real shop, and in its browser pages, open `payment.url`
   * instead. Codes: `not_found`, `method_not_allowed` (the shop takes real payments).
   */
  pay(orderId: string, outcome?: SandboxOutcome, options?: CallOptions): Promise<void>;
}

/** 128 random bits. Not `randomUUID`, which browsers offer on https only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/**
 * A client of the shop at `origin`. A page of another origin needs that origin in the shop's
 * CORS_ORIGINS.
 *
 * @example
 * const shop = createClient('https://shop.example');
 * const [drop] = await shop.drops({ phase: 'live' });
 * try {
 *   const customer = { email: 'ada@example.com' };
 *   const request = { dropId: drop.id, sku: '42', quantity: 1, customer };
 *   const { order, token, payment } = await shop.purchase(request);
 *   localStorage.setItem(order.id, token);
 *   location.assign(payment.url);
 * } catch (error) {
 *   if (error instanceof StampedeError && error.code === 'sold_out') showSoldOut();
 *   else throw error;
 * }
 */
export function createClient(
  origin: string,
  { patienceMs = 30_000, timeoutMs = 15_000, fetch = globalThis.fetch.bind(globalThis) }: ClientOptions = {},
): Client {
  const patience = { fetch, patienceMs, timeoutMs };
  const urlOf = (...segments: string[]): string =>
    [origin.replace(/\/+$/, ''), ...segments.map(encodeURIComponent)].join('/');
  const get = <T>(url: string, headers: Record<string, string>, options: CallOptions): Promise<T> =>
    send(url, { headers, ...options }, patience) as Promise<T>;
  const json = { 'content-type': 'application/json' };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  return {
    async drops({ phase } = {}, options = {}) {
      const url = phase ? `${urlOf('drops')}?phase=${phase}` : urlOf('drops');
      return (await get<{ drops: Drop[] }>(url, {}, options)).drops;
    },
    drop: (idOrSlug, options = {}) => get(urlOf('drops', idOrSlug), {}, options),
    purchase(request, { idempotencyKey = newKey(), signal } = {}) {
      const headers = { ...json, 'idempotency-key': idempotencyKey };
      const sent = {
        method: 'POST',
        headers,
        body: JSON.stringify(request),
        idempotencyKey,
        signal,
      } as const;
      return send(urlOf('purchase'), sent, patience) as Promise<Purchase>;
    },
    order: (id, token, options = {}) => get(urlOf('orders', id), bearer(token), options),
    cancel: (id, token, options = {}) =>
      send(
        urlOf('orders', id, 'cancel'),
        { method: 'POST', headers: bearer(token), ...options },
        patience,
      ) as Promise<OrderState>,
    async pay(orderId, outcome = 'paid', options = {}) {
      const sent = { method: 'POST', headers: json, body: JSON.stringify({ outcome }), ...options } as const;
      await send(urlOf('pay', orderId), sent, { ...patience, patienceMs: 0 });
    },
  };
}
