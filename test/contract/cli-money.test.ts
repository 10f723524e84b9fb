/** `npm run stampede` for failed refunds (list, retry, settle) and disputed orders (fulfil). */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
import { type CommandEnd, runCommand } from '../support/operator-command.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { testTimeoutMs } from '../support/patience.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import type { Purchase } from '../support/shapes.ts';
import { disputeOf, refundFails } from '../support/stripe-movements.ts';

const nowhere = join(scratchFolder(), 'none.db');

describe.each(runtimes)(
  'the command line’s money on %s',
  (runtime) => {
    const { shop, stripe, sell, report, stateOf } = useOutsideMoney(runtime);
    /** Workers have no command line of their own. */
    const runner = runtime === 'workerd' ? 'node' : runtime;
    const run = (...args: string[]): CommandEnd =>
      runCommand(runner, 'stampede', nowhere, args, {
        STAMPEDE_URL: shop.server.url,
        STAMPEDE_TOKEN: shop.server.adminToken,
      });
    const done = (...args: string[]): string => {
      const { code, stdout, stderr } = run(...args);
      expect([args, code, stderr]).toEqual([args, 0, '']);
      return stdout;
    };
    const expectRefused = (said: RegExp, ...args: string[]): void => {
      const { code, stdout, stderr } = run(...args);
      expect([args, code, stdout]).toEqual([args, code === 2 ? 2 : 1, '']);
      expect(stderr).toMatch(said);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    };
    /** A refund that fails after Stripe accepted it. */
    const failLate = async (): Promise<{ purchase: Purchase; id: string }> => {
      const { purchase, payment } = await sell();
      await shop.admin({ method: 'POST', path: `/admin/orders/${purchase.order.id}/refund` });
      await shop.orderBecomes(purchase, 'refunded');
      const made = stripe.refunds.find((refund) => refund.payment_intent === payment.id);
      if (!made) throw new Error('Stripe has no refund.');
      payment.refunds = 0;
      expect(await report(refundFails(stripe, made))).toBe('refund');
      const { refunds } = JSON.parse(done('refunds', 'list', '--json'));
      return {
        purchase,
        id: refunds.find((one: { orderId: string }) => one.orderId === purchase.order.id).id,
      };
    };

    test('a failed refund is listed and settled, once it has a note', async () => {
      const { purchase, id } = await failLate();
      const listed = done('refunds', 'list');
      expect(listed).toMatch(new RegExp(`${id} +failed +12\\.50 EUR +operator +stripe .*lost or stolen`));
      expect(done('orders', 'show', purchase.order.id)).toMatch(
        new RegExp(`refund +${id} failed .*lost or stolen`),
      );
      expectRefused(/--note/, 'refunds', 'settle', id);
      expectRefused(/^note .*\(invalid\)/, 'refunds', 'settle', id, '--note', ' ');
      expectRefused(/^No refund "rfd_none": .*\(not_found\)/, 'refunds', 'settle', 'rfd_none', '--note', 'x');
      expect(done('refunds', 'settle', id, '--note', 'Transfer 4711')).toBe(`Refund ${id} is settled.\n`);
      expect((await stateOf(purchase)).status).toBe('refunded');
      expect(done('refunds', 'list')).toBe('No such refunds.\n');
      expect(done('refunds', 'list', '--status', 'settled')).toContain('Transfer 4711');
      expectRefused(/\(refund_not_failed\)/, 'refunds', 'retry', id);
      expectRefused(/'lost' is invalid/, 'refunds', 'list', '--status', 'lost');
    });

    test('a failed refund is retried', async () => {
      const { purchase, id } = await failLate();
      expect(JSON.parse(done('refunds', 'retry', id, '--json'))).toEqual({ id, status: 'pending' });
      await shop.orderBecomes(purchase, 'refunded');
    });

    test('a disputed order is fulfilled only with the operator’s consent', async () => {
      const { purchase, payment } = await sell();
      const { id } = purchase.order;
      await report(stripe.event('charge.dispute.created', disputeOf(payment)));
      expect(done('orders', 'show', id)).toMatch(/dispute +open/);
      expect(done('orders', 'list', '--dispute', 'open')).toMatch(new RegExp(`${id} .* open `));
      expect(done('orders', 'list', '--dispute', 'won')).toBe('No such orders.\n');
      expectRefused(/set --despite-dispute\. \(disputed\)/, 'orders', 'fulfil', id);
      expect((await stateOf(purchase)).status).toBe('paid');
      done('orders', 'fulfil', id, '--despite-dispute', '--tracking', 'JD01');
      expect(await stateOf(purchase)).toMatchObject({ status: 'fulfilled', dispute: 'open' });
    });
  },
  testTimeoutMs,
);
