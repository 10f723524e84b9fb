/** POST /payments/:provider/webhook: takes what a provider says, answers 2xx only after it is committed. */
import { Hono } from 'hono';
import { recordPaymentOf } from '../payments/record-payment.ts';
import type { Deps } from './deps.ts';
import { json, readText } from './json.ts';
import { problem, refuse } from './problem.ts';

export function paymentRoutes({ store, ids, clock, providers }: Deps) {
  return new Hono().post('/payments/:provider/webhook', async (c) => {
    const provider = providers.get(c.req.param('provider'));
    if (!provider) return problem('not_found');
    const body = await readText(c.req.raw);
    if (body instanceof Response) return body;
    const reading = await provider.readWebhook(body, c.req.raw.headers, clock.now());
    if (reading.kind === 'bad_signature') return problem('bad_signature');
    if (reading.kind === 'malformed')
      return problem('malformed', { detail: 'The message is not one that is known here.' });

    if (reading.kind === 'ignored') return json({ received: true, effect: 'none' });

    const outcome = await store.submit(recordPaymentOf(reading.event, provider.name, ids));
    if (outcome.kind === 'payment_recorded') return json({ received: true, effect: outcome.effect });
    if (outcome.kind === 'payment_known') return json({ received: true, effect: 'none' });
    return refuse(outcome);
  });
}
