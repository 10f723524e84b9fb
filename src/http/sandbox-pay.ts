/** The sandbox's own page at /pay/:ref: plays the provider and sends its signed webhook to our own route. */
import { Hono } from 'hono';
import * as v from 'valibot';
import { type PayPage, payPage } from '../pages/pay-page.ts';
import type { SandboxProvider } from '../payments/sandbox.ts';
import type { Deps } from './deps.ts';
import { json, readForm, readJson } from './json.ts';
import { problem } from './problem.ts';

const payBody = v.strictObject({ outcome: v.picklist(['paid', 'declined', 'paid_late']) });

/** Time after the end of the hold at which the late payment comes: the sweep has been there by then. */
const LATE_MS = 2_000;

export function sandboxPayRoutes(
  { store, ids, clock, log, publicUrl }: Deps,
  sandbox: SandboxProvider,
  deliver: (request: Request) => Promise<Response>,
) {
  const findPayment = (ref: string): (PayPage & { holdExpiresAt: number }) | undefined => {
    const key = ids.parseOrder(ref);
    const found = key && store.reads.order(key.orderId);
    const drop = found && store.snapshot.get(found.order.dropId);
    if (!found || !drop) return undefined;
    const { order } = found;
    return {
      ref,
      title: drop.title,
      itemName: drop.items.find((item) => item.id === order.itemId)?.name ?? '',
      quantity: order.quantity,
      amount: order.unitPrice * order.quantity,
      currency: drop.currency,
      status: order.status,
      holdExpiresAt: order.holdExpiresAt,
      isHoldOver: order.holdExpiresAt <= clock.now(),
    };
  };

  const charge = (payment: PayPage, outcome: 'paid' | 'declined'): Promise<Response> => {
    const { ref: orderId, amount, currency } = payment;
    const { body, headers } = sandbox.webhookFor({ orderId, amount, currency, outcome }, clock.now());
    return deliver(
      new Request(`${publicUrl()}/payments/${sandbox.name}/webhook`, { method: 'POST', body, headers }),
    );
  };

  return new Hono()
    .get('/pay/:ref', (c) => {
      const payment = findPayment(c.req.param('ref'));
      return payment ? payPage(payment) : problem('not_found');
    })
    .post('/pay/:ref', async (c) => {
      const payment = findPayment(c.req.param('ref'));
      if (!payment) return problem('not_found');
      const isForm = (c.req.header('content-type') ?? '').startsWith('application/x-www-form-urlencoded');
      const body = isForm ? await readForm(c, payBody) : await readJson(c, payBody);
      if (body instanceof Response) return body;

      if (body.outcome === 'paid_late') {
        clock.after(Math.max(0, payment.holdExpiresAt - clock.now()) + LATE_MS, () => {
          charge(payment, 'paid').catch((error: unknown) =>
            log.error({ error: String(error) }, 'late sandbox payment failed'),
          );
        });
      } else {
        const delivered = await charge(payment, body.outcome);
        if (!delivered.ok) return delivered;
      }
      if (!isForm) return json({ outcome: body.outcome, orderId: payment.ref });
      return new Response(null, { status: 303, headers: { location: `/o/${payment.ref}` } });
    });
}
