/**
 * The steps of tests about money that moves at Stripe: a sale, its webhooks, and what the buyer and
 * the operator see.
 */
import { expect } from 'vitest';
import { type Answer, readJson } from './client.ts';
import type { LoopbackPayment } from './loopback-stripe-objects.ts';
import type { RuntimeName } from './server-process.ts';
import type { Order, OrderAnswer, Problem, Purchase } from './shapes.ts';
import { useStripeShop } from './stripe-shop.ts';
import type { Delivery } from './stripe-signature.ts';

interface Sale {
  purchase: Purchase;
  payment: LoopbackPayment;
}
interface Certificate {
  isClean: boolean;
  violations: string[];
  kept: { amount: number };
  disputes: Record<string, { count: number }>;
  outside: { amount: number };
}
type OperatorAnswer = OrderAnswer & {
  order: Order & { dispute?: string };
};

/** Registers such a shop around the tests of the current `describe`. */
export function useOutsideMoney(runtime: RuntimeName) {
  const shop = useStripeShop(runtime);
  const { stripe } = shop;

  const paymentOf = ({ order }: Purchase): LoopbackPayment => {
    const found = [...stripe.payments.values()].find((payment) => payment.order === order.id);
    if (!found) throw new Error('The order has no payment.');
    return found;
  };
  /** An order that is paid at Stripe, before the server receives the webhook. */
  const payUnheard = async (): Promise<Sale & { paid: Delivery }> => {
    const purchase = await shop.buy((await shop.createDrop()).id);
    const paid = await stripe.pay((await shop.openSession(purchase)).id);
    return { purchase, paid, payment: paymentOf(purchase) };
  };
  const sell = async (): Promise<Sale> => {
    const { paid, ...sale } = await payUnheard();
    expect(await report(paid)).toBe('paid');
    return sale;
  };
  /** Delivers a webhook and returns its effect. */
  const report = async (delivery: Delivery | Promise<Delivery>): Promise<string> => {
    const answer = await shop.deliver(await delivery);
    expect(answer.status, answer.text).toBe(200);
    return readJson<{ effect: string }>(answer).effect;
  };
  const asOperator = async ({ order }: Purchase): Promise<OperatorAnswer> => {
    const answer = await shop.admin({ path: `/admin/orders/${order.id}` });
    expect(answer.status, answer.text).toBe(200);
    return readJson<OperatorAnswer>(answer);
  };
  /** The order's state; the buyer and the operator must see the same. */
  const stateOf = async (purchase: Purchase) => {
    const [buyer, operator] = [await shop.order(purchase), await asOperator(purchase)];
    const { status, dispute } = operator.order;
    expect(buyer.order).toMatchObject({ status, ...(dispute !== undefined && { dispute }) });
    expect(buyer.refunds).toHaveLength(operator.refunds.length);
    const refunds = operator.refunds.map((one) => `${one.reason} ${one.status} ${one.amount}`);
    return { status, dispute, refunds };
  };
  const certificateOf = async ({ order }: Purchase): Promise<Certificate> => {
    const answer = await shop.admin({ path: `/admin/drops/${order.dropId}/audit` });
    expect(answer.status, answer.text).toBe(200);
    const certificate = readJson<Certificate>(answer);
    expect(certificate.violations).toEqual([]);
    expect(certificate.isClean).toBe(true);
    return certificate;
  };
  const fulfil = ({ order }: Purchase, json?: object): Promise<Answer> =>
    shop.admin({ method: 'POST', path: `/admin/orders/${order.id}/fulfil`, ...(json && { json }) });
  const expectRefused = async (purchase: Purchase): Promise<void> => {
    const refused = await fulfil(purchase);
    expect([refused.status, readJson<Problem>(refused).code]).toEqual([409, 'disputed']);
    expect((await stateOf(purchase)).status).toBe('paid');
  };

  return { shop, stripe, payUnheard, sell, report, stateOf, certificateOf, fulfil, expectRefused };
}
