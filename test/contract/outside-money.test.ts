/** Refunds made in Stripe's dashboard, failed after acceptance, or settled by an operator. */
import { describe, expect, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes } from '../support/contract-server.ts';
import type { Fault } from '../support/loopback-provider.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import type { Problem, Purchase } from '../support/shapes.ts';
import { chargeRefunded, disputeOf, refundFails } from '../support/stripe-movements.ts';

interface Listed {
  id: string;
  orderId: string;
  status: string;
  note: string | null;
  lastError: string | null;
}

describe.each(runtimes)('refunds outside, on %s', (runtime) => {
  const { shop, stripe, payUnheard, sell, report, stateOf, certificateOf, fulfil } = useOutsideMoney(runtime);

  const listed = async ({ order }: Purchase, status: string): Promise<Listed | undefined> => {
    const answer = await shop.admin({ path: `/admin/refunds?status=${status}` });
    expect(answer.status, answer.text).toBe(200);
    return readJson<{ refunds: Listed[] }>(answer).refunds.find((one) => one.orderId === order.id);
  };
  const refund = ({ order }: Purchase) =>
    shop.admin({ method: 'POST', path: `/admin/orders/${order.id}/refund` });
  const settle = (id: string, json: object = { note: 'Transfer 4711' }) =>
    shop.admin({ method: 'POST', path: `/admin/refunds/${id}/settle`, json });
  const codeOf = (text: string): string => (JSON.parse(text) as Problem).code;
  /** A refund that the operator requests and Stripe accepts. */
  const sendBack = async () => {
    const sale = await sell();
    expect((await refund(sale.purchase)).status).toBe(200);
    await shop.orderBecomes(sale.purchase, 'refunded');
    const made = stripe.refunds.find((one) => one.payment_intent === sale.payment.id);
    if (!made) throw new Error('Stripe made no refund.');
    return { ...sale, made };
  };

  test('a full refund ends the order, and its units are free again', async () => {
    const { purchase, payment } = await sell();
    const made = stripe.makeRefund(payment);
    expect(await report(stripe.event('refund.created', made))).toBe('refund');
    // Whichever of its events the account sends, it is one refund.
    expect(await report(chargeRefunded(stripe, payment))).toBe('none');
    expect(await report(stripe.event('charge.refund.updated', made))).toBe('none');
    expect(await stateOf(purchase)).toEqual({ status: 'refunded', refunds: ['outside sent 1250'] });
    expect((await shop.drop(purchase.order.dropId)).items[0]).toMatchObject({
      sold: 0,
      held: 0,
      available: 5,
    });
    expect((await fulfil(purchase)).status).toBe(409);
    expect(await certificateOf(purchase)).toMatchObject({ kept: { amount: 0 }, outside: { amount: 1250 } });
  });

  test('refunds in parts are listed, and the last of them ends the order', async () => {
    const { purchase, payment } = await sell();
    stripe.makeRefund(payment, 250);
    for (const effect of ['refund', 'none'])
      expect(await report(chargeRefunded(stripe, payment))).toBe(effect);
    expect(await stateOf(purchase)).toEqual({ status: 'paid', refunds: ['outside sent 250'] });
    expect((await certificateOf(purchase)).kept.amount).toBe(1000);
    stripe.makeRefund(payment, 1000);
    expect(await report(chargeRefunded(stripe, payment))).toBe('refund');
    const { status, refunds } = await stateOf(purchase);
    expect(status).toBe('refunded');
    expect(refunds.toSorted()).toEqual(['outside sent 1000', 'outside sent 250']);
    expect((await certificateOf(purchase)).outside.amount).toBe(1250);
  });

  test('a refund in parts does not keep the order from being fulfilled', async () => {
    const { purchase, payment } = await sell();
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 250)));
    expect((await fulfil(purchase)).status).toBe(200);
    expect((await stateOf(purchase)).status).toBe('fulfilled');
    await report(stripe.event('refund.created', stripe.makeRefund(payment, 1000)));
    expect((await stateOf(purchase)).status).toBe('fulfilled');
    expect((await certificateOf(purchase)).kept.amount).toBe(0);
  });

  test('another shop’s payment changes nothing', async () => {
    const { purchase } = await sell();
    const before = await shop.stateOf(purchase.order.dropId);
    const foreign = { id: 'pi_f0', order: '', amount: 900, currency: 'eur', refunds: 0 };
    stripe.payments.set(foreign.id, foreign);
    const made = stripe.makeRefund(foreign);
    const dispute = disputeOf(foreign);
    for (const delivery of [
      stripe.event('charge.dispute.created', dispute),
      stripe.event('charge.dispute.created', { ...dispute, payment_intent: 'pi_unknown' }),
      stripe.event('charge.dispute.created', { ...dispute, payment_intent: null }),
      stripe.event('refund.created', made),
      stripe.event('refund.created', { ...made, payment_intent: null }),
      stripe.event('refund.created', { ...made, metadata: { stampede_refund: 'ours-not' } }),
      chargeRefunded(stripe, foreign),
      stripe.event('customer.created', { id: 'cus_1', object: 'customer' }),
    ])
      expect(await report(delivery)).toBe('none');
    expect(await shop.stateOf(purchase.order.dropId)).toBe(before);
  });

  test('a refund that fails after Stripe accepted it is pending until an operator settles it', async () => {
    const { purchase, made } = await sendBack();
    for (const effect of ['refund', 'none']) expect(await report(refundFails(stripe, made))).toBe(effect);
    expect(await stateOf(purchase)).toEqual({ status: 'refunding', refunds: ['operator failed 1250'] });
    // An event from before the failure arrives late.
    expect(await report(stripe.event('refund.created', { ...made, status: 'succeeded' }))).toBe('none');
    await certificateOf(purchase);
    const failed = await listed(purchase, 'failed');
    expect(failed).toMatchObject({ lastError: 'lost_or_stolen_card', note: null });
    const id = failed?.id ?? '';

    for (const body of [{}, { note: '' }, { note: '  ' }, { note: 7 }, { note: 'x'.repeat(10_000) }])
      expect((await settle(id, body)).status, JSON.stringify(body)).toBe(422);
    expect((await stateOf(purchase)).status).toBe('refunding');
    for (const _ of ['once', 'again']) {
      const settled = await settle(id);
      expect([settled.status, JSON.parse(settled.text)]).toEqual([200, { id, status: 'settled' }]);
      expect(await stateOf(purchase)).toEqual({ status: 'refunded', refunds: ['operator settled 1250'] });
    }
    expect(await listed(purchase, 'failed')).toBeUndefined();
    expect(await listed(purchase, 'settled')).toMatchObject({ id, note: 'Transfer 4711' });
    expect((await certificateOf(purchase)).kept.amount).toBe(0);
    const retried = await shop.admin({ method: 'POST', path: `/admin/refunds/${id}/retry` });
    expect([retried.status, codeOf(retried.text)]).toEqual([409, 'refund_not_failed']);
  });

  test('a refund that failed late can be retried, by another refund', async () => {
    const { purchase, payment, made } = await sendBack();
    await report(refundFails(stripe, made));
    payment.refunds = 0;
    const id = (await listed(purchase, 'failed'))?.id ?? '';
    expect((await shop.admin({ method: 'POST', path: `/admin/refunds/${id}/retry` })).status).toBe(200);
    await shop.orderBecomes(purchase, 'refunded');
    // The failure of the first attempt is redelivered after the second one succeeded.
    expect(await report(stripe.event('refund.updated', made))).toBe('none');
    expect(await report(chargeRefunded(stripe, payment))).toBe('none');
    expect(await stateOf(purchase)).toEqual({ status: 'refunded', refunds: ['operator sent 1250'] });
    expect((await certificateOf(purchase)).kept.amount).toBe(0);
  });

  test('data of a customer with a failed refund is deleted only once that order is named', async () => {
    const { purchase, payment } = await sell();
    const made = stripe.makeRefund(payment, 250);
    await report(stripe.event('refund.created', made));
    expect((await fulfil(purchase)).status).toBe(200);
    await report(refundFails(stripe, made));
    expect(await stateOf(purchase)).toEqual({ status: 'fulfilled', refunds: ['outside failed 250'] });
    const { id } = purchase.order;
    const { order } = readJson<{ order: { email: string } }>(
      await shop.admin({ path: `/admin/orders/${id}` }),
    );
    const erase = async (openOrders: readonly string[]) => {
      const json = { email: order.email, openOrders };
      const answer = await shop.admin({ method: 'POST', path: '/admin/customers/erase', json });
      return {
        status: answer.status,
        ...readJson<{ code?: string; errors?: unknown; orders?: number }>(answer),
      };
    };
    const errors = [{ path: id, message: 'The refund is not yet complete.' }];
    expect(await erase([])).toMatchObject({ status: 409, code: 'open_orders', errors });
    expect(await erase([id])).toEqual({ status: 200, orders: 1 });
  });

  test('only a refund that has failed can be settled, and only by an operator', async () => {
    const { purchase } = await sendBack();
    const sent = await settle((await listed(purchase, 'sent'))?.id ?? '');
    expect([sent.status, codeOf(sent.text)]).toEqual([409, 'refund_not_failed']);

    const waiting = await sell();
    // The refund stays pending through several attempts.
    stripe.fail('POST /v1/refunds', ...Array<Fault>(4).fill({ kind: 'status', status: 429 }));
    expect((await refund(waiting.purchase)).status).toBe(200);
    const id = (await listed(waiting.purchase, 'pending'))?.id ?? '';
    const pending = await settle(id);
    expect([pending.status, codeOf(pending.text)]).toEqual([409, 'refund_not_failed']);
    const path = `/admin/refunds/${id}/settle`;
    expect((await shop.send({ method: 'POST', path, json: { note: 'x' } })).status).toBe(401);
    // The same id but for one character.
    const other = `${id.slice(0, -2)}${id.at(-2) === 'A' ? 'B' : 'A'}${id.at(-1)}`;
    for (const unknown of ['rfd_unknown', other]) expect((await settle(unknown)).status).toBe(404);
    stripe.faults.clear();
    await shop.orderBecomes(waiting.purchase, 'refunded');
  });

  test('a dashboard refund reported before its payment counts with it', async () => {
    const { purchase, payment, paid } = await payUnheard();
    stripe.makeRefund(payment);
    for (const _ of ['once', 'again']) expect(await report(chargeRefunded(stripe, payment))).toBe('none');
    expect(await report(paid)).toBe('paid');
    expect(await stateOf(purchase)).toEqual({ status: 'refunded', refunds: ['outside sent 1250'] });
    expect((await certificateOf(purchase)).outside.amount).toBe(1250);
  });
});
