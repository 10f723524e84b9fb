/** The sandbox's page at /pay/:ref: simulates the provider and its signed webhook. */
import { Hono } from 'hono';
import * as v from 'valibot';
import { payPage } from '../pages/pay-page.ts';
import type { SandboxProvider } from '../payments/sandbox.ts';
import type { Deps } from './deps.ts';
import { isForm, json, readForm, readJson } from './json.ts';
import { languageOf } from './language.ts';
import { refuseForeignForm } from './own-form.ts';
import { findPayableOrder, type PayableOrder } from './payable-order.ts';
import { problem } from './problem.ts';

export const payBody = v.strictObject({ outcome: v.picklist(['paid', 'declined', 'paid_late']) });

/**
 * Delay of the late payment after the end of the hold; the sweep has released the order by then.
 */
const LATE_MS = 2_000;

export function sandboxPayRoutes(
  deps: Deps,
  sandbox: SandboxProvider,
  deliver: (request: Request) => Promise<Response>,
) {
  const { clock, log, publicUrl } = deps;

  const charge = (payment: PayableOrder, outcome: 'paid' | 'declined'): Promise<Response> => {
    const { ref: orderId, amount, currency } = payment;
    const { body, headers } = sandbox.webhookFor({ orderId, amount, currency, outcome }, clock.now());
    return deliver(
      new Request(`${publicUrl()}/payments/${sandbox.name}/webhook`, { method: 'POST', body, headers }),
    );
  };

  return new Hono()
    .get('/pay/:ref', (c) => {
      const payment = findPayableOrder(c.req.param('ref'), deps);
      return payment ? payPage(payment, languageOf(c)) : problem('not_found');
    })
    .post('/pay/:ref', async (c) => {
      const payment = findPayableOrder(c.req.param('ref'), deps);
      if (!payment) return problem('not_found');
      const sentForm = isForm(c.req.header('content-type'));
      const foreign = sentForm ? refuseForeignForm(c, deps) : null;
      if (foreign) return foreign;
      const body = sentForm ? await readForm(c, payBody) : await readJson(c, payBody);
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
      if (!sentForm) return json({ outcome: body.outcome, orderId: payment.ref });
      const from = body.outcome === 'declined' ? 'declined' : 'paid';
      return new Response(null, { status: 303, headers: { location: `/o/${payment.ref}?from=${from}` } });
    });
}
