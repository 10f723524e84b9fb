/** The sandbox's page at /pay/:id: simulates the provider and its signed webhook. */
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import { payPage } from '../pages/pay-page.ts';
import type { SandboxProvider } from '../payments/sandbox.ts';
import type { Deps } from './deps.ts';
import { isForm, json, readForm, readJson } from './json.ts';
import { languageOf } from './language.ts';
import { publicOperations } from './operation.ts';
import { refuseForeignForm } from './own-form.ts';
import { payOperations, payPath } from './pay.ts';
import { findPayableOrder, type PayableOrder } from './payable-order.ts';
import { problem } from './problem.ts';
import { publicRoutes } from './public-routes.ts';
import { seeOther } from './see-other.ts';

export const payBody = v.strictObject({ outcome: v.picklist(['paid', 'declined', 'paid_late']) });

export const sandboxOperations = publicOperations([
  {
    id: 'playSandbox',
    method: 'post',
    path: payPath,
    tag: 'Payments',
    summary: 'Simulate a payment (only if the sandbox is enabled)',
    description:
      'Sends the signed webhook of a payment. A form post is answered with 303 to the order’s page.',
    access: 'public',
    body: { schema: payBody, example: { outcome: 'paid' } },
    answers: [
      { status: 200, description: 'The webhook was sent.', schema: answers.sandboxAnswer },
      { status: 303, description: 'Redirect to the order’s page after a form post.' },
    ],
    refusals: ['forbidden', 'not_found'],
    writes: true,
    isLimited: true,
  },
]);

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

  return publicRoutes([...payOperations, ...sandboxOperations], {
    openPayPage(c) {
      const payment = findPayableOrder(c.req.param('id') ?? '', deps);
      return payment ? payPage(payment, languageOf(c)) : problem('not_found');
    },
    async playSandbox(c) {
      const payment = findPayableOrder(c.req.param('id') ?? '', deps);
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
      return seeOther(`/o/${payment.ref}?from=${from}`);
    },
  });
}
