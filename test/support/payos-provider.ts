/** The payOS provider against a loopback payOS, and the checkout that its tests request. */
import { createPayosProvider } from '../../src/payments/payos.ts';
import type { CheckoutRequest, PaymentProvider } from '../../src/payments/provider.ts';
import { readMark } from './deployment-mark.ts';
import type { LoopbackPayos } from './loopback-payos.ts';

export const orderCode = 123_456_789_012_345;

/** A long timeout, so that a slow machine is not taken for a silent payOS. */
export const payosProvider = (
  { clientId, apiKey, checksumKey, url: apiBase }: LoopbackPayos,
  changes: { checksumKey?: string; timeoutMs?: number } = {},
): PaymentProvider =>
  createPayosProvider({ clientId, apiKey, checksumKey, apiBase, timeoutMs: 10_000, readMark, ...changes });

/** The checkout of the order with `orderCode`. */
export const payosCheckout = (): CheckoutRequest => ({
  orderId: 'ord_one',
  orderCode,
  amount: 250_000,
  currency: 'VND',
  description: 'A shoe, 42',
  expiresAt: Date.now() + 600_000,
  successUrl: 'https://shop.example/o/ord_one?from=paid',
  cancelUrl: 'https://shop.example/o/ord_one?from=cancelled',
  now: Date.now(),
  opened: 0,
});
