/** Disputes over HTTP: shown to buyer and operator, guarded in fulfilment, and audited. */
import { describe, expect, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { runtimes } from '../support/contract-server.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { disputeOf } from '../support/stripe-movements.ts';

describe.each(runtimes)('disputes on %s', (runtime) => {
  const { shop, stripe, payUnheard, sell, report, stateOf, certificateOf, fulfil, expectRefused } =
    useOutsideMoney(runtime);

  test.each(['won', 'lost'] as const)('a dispute is shown, and ends as %s', async (end) => {
    const { purchase, payment } = await sell();
    const dispute = disputeOf(payment);
    for (const effect of ['dispute', 'none'])
      expect(await report(stripe.event('charge.dispute.created', dispute))).toBe(effect);
    expect(await stateOf(purchase)).toEqual({ status: 'paid', dispute: 'open', refunds: [] });
    await expectRefused(purchase);

    const updated = await stripe.event('charge.dispute.updated', dispute);
    const closed = { ...dispute, status: end };
    for (const effect of ['dispute', 'none'])
      expect(await report(stripe.event('charge.dispute.closed', closed))).toBe(effect);
    // Stripe doesn't keep the order of its events.
    expect(await report(updated)).toBe('none');
    expect(await stateOf(purchase)).toEqual({ status: 'paid', dispute: end, refunds: [] });
    if (end === 'lost') await expectRefused(purchase);
    const certificate = await certificateOf(purchase);
    expect(certificate.kept.amount).toBe(end === 'lost' ? 0 : 1250);
    expect(certificate.disputes[end]?.count).toBe(1);

    const insisted = await fulfil(purchase, end === 'lost' ? { despiteDispute: true } : {});
    expect(insisted.status, insisted.text).toBe(200);
    expect(await stateOf(purchase)).toEqual({ status: 'fulfilled', dispute: end, refunds: [] });
    await certificateOf(purchase);
  });

  test.each([
    ['warning_needs_response', 'warning_closed'],
    ['warning_under_review', 'prevented'],
    ['under_review', 'charge_refunded'],
  ])('a dispute that goes from %s to %s costs nothing', async (first, last) => {
    const { purchase, payment } = await sell();
    const dispute = { ...disputeOf(payment), status: first };
    expect(await report(stripe.event('charge.dispute.created', dispute))).toBe('dispute');
    await expectRefused(purchase);
    const closed = { ...dispute, status: last };
    expect(await report(stripe.event('charge.dispute.closed', closed))).toBe('dispute');
    expect(await stateOf(purchase)).toEqual({ status: 'paid', dispute: 'won', refunds: [] });
    expect((await certificateOf(purchase)).kept.amount).toBe(1250);
    expect((await fulfil(purchase)).status).toBe(200);
  });

  test('of several disputes an order shows the most serious', async () => {
    const { purchase, payment } = await sell();
    const [first, second] = [disputeOf(payment), disputeOf(payment)];
    const shown = async (type: string, dispute: object) => {
      expect(await report(stripe.event(`charge.dispute.${type}`, dispute))).toBe('dispute');
      return (await stateOf(purchase)).dispute;
    };
    expect(await shown('created', first)).toBe('open');
    expect(await shown('created', { ...second, status: 'lost' })).toBe('open');
    expect(await shown('closed', { ...first, status: 'won' })).toBe('lost');
    await expectRefused(purchase);
    const { kept, disputes } = await certificateOf(purchase);
    expect([kept.amount, disputes.won?.count, disputes.lost?.count]).toEqual([0, 1, 1]);
  });

  test('during a dispute an operator fulfils only with consent, and a valid body', async () => {
    const { purchase, payment } = await sell();
    await report(stripe.event('charge.dispute.created', disputeOf(payment)));
    expect((await fulfil(purchase, { despiteDispute: 'yes' })).status).toBe(422);
    await expectRefused(purchase);
    expect((await fulfil(purchase, { despiteDispute: true })).status).toBe(200);
    expect((await stateOf(purchase)).status).toBe('fulfilled');
  });

  test.each([
    ['is open', 'charge.dispute.created', {}, 'a refund would return it twice'],
    ['was lost', 'charge.dispute.closed', { status: 'lost' }, 'Nothing is left to refund'],
  ])('money whose dispute %s is not refunded as well', async (_, type, changes, reason) => {
    const { purchase, payment } = await sell();
    await report(stripe.event(type, { ...disputeOf(payment), ...changes }));
    const answer = await shop.admin({ method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` });
    expect([answer.status, readJson(answer)]).toEqual([
      409,
      expect.objectContaining({ code: 'disputed', detail: expect.stringContaining(reason) }),
    ]);
    expect(await stateOf(purchase)).toMatchObject({ status: 'paid', refunds: [] });
  });

  test('a dispute and a refund reported before their payment wait for it', async () => {
    const { purchase, payment, paid } = await payUnheard();
    const dispute = disputeOf(payment);
    const refund = stripe.makeRefund(payment, 250);
    const created = await stripe.event('charge.dispute.created', dispute);
    expect(await report(stripe.event('charge.dispute.closed', { ...dispute, status: 'won' }))).toBe('none');
    for (const _ of ['once', 'again']) expect(await report(created)).toBe('none');
    for (const type of ['refund.created', 'refund.updated'])
      expect(await report(stripe.event(type, refund))).toBe('none');
    expect(await stateOf(purchase)).toEqual({ status: 'held', refunds: [] });
    expect(await report(paid)).toBe('paid');
    expect(await stateOf(purchase)).toEqual({
      status: 'paid',
      dispute: 'won',
      refunds: ['outside sent 250'],
    });
    expect((await certificateOf(purchase)).kept.amount).toBe(1000);
  });
});
