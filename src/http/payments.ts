/**
 * POST /payments/:provider/webhook: stores a provider's webhook; answers 2xx only after the commit.
 */
import type { Context } from 'hono';
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import { submitPayment } from '../background/ignored-payment.ts';
import { warnOfMismatch } from '../background/mismatched-report.ts';
import { moneyReads } from '../database/money-reads.ts';
import type { RecordMovement } from '../domain/movement.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Log } from '../log.ts';
import {
  type PaymentProvider,
  ProviderError,
  type ReportedMovement,
  type WebhookReading,
} from '../payments/provider.ts';
import { recordMovementOf } from '../payments/record-movement.ts';
import { orderOf } from '../payments/record-payment.ts';
import type { Deps } from './deps.ts';
import { json, readText } from './json.ts';
import { publicOperations } from './operation.ts';
import { problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';

/** Keeps a movement of an unknown payment if the provider says that it is ours; else ignores it. */
async function recordMovement(
  report: ReportedMovement,
  provider: PaymentProvider,
  deps: Deps,
): Promise<Outcome<RecordMovement>> {
  const { db, ids, clock } = deps;
  const { orderOfCheckout } = moneyReads(db);
  const outcome = await db.submit(recordMovementOf(report, provider.name, ids, false));
  if (outcome.kind !== 'payment_unknown' || report.paymentReference === null) return outcome;
  const origin = await provider.originOf?.(report.paymentReference);
  if (!origin || orderOf(origin, provider.name, { ids, clock, orderOfCheckout }).kind === 'ignored')
    return outcome;
  return db.submit(recordMovementOf(report, provider.name, ids, true));
}

async function recordMovements(
  reports: readonly ReportedMovement[],
  provider: PaymentProvider,
  deps: Deps,
): Promise<Response> {
  let effect: 'dispute' | 'refund' | 'none' = 'none';
  for (const report of reports) {
    const outcome = await recordMovement(report, provider, deps);
    // For a drop that has moved, the new deployment gets the same webhooks.
    if (outcome.kind === 'payment_unknown' || outcome.kind === 'drop_moved') continue;
    if (outcome.kind !== 'movement_recorded') return refuse(outcome);
    warnOfMismatch(report, outcome, provider.name, deps.log);
    if (outcome.effect === 'dispute' || outcome.effect === 'refund') effect = outcome.effect;
  }
  return json({ received: true, effect });
}

/** Acknowledges a webhook without effect. Logs the first one of an unhandled type. */
export function answerIgnored(
  { unhandled: type }: Extract<WebhookReading, { kind: 'ignored' }>,
  { name: provider }: PaymentProvider,
  log: Log,
): Response {
  if (type !== undefined)
    log.info(
      { provider, type },
      'webhooks of this type are acknowledged without effect; unsubscribe from the type',
    );
  return json({ received: true, effect: 'none' });
}

export const paymentOperations = publicOperations([
  {
    id: 'receiveWebhook',
    method: 'post',
    path: '/payments/:provider/webhook',
    tag: 'Payments',
    summary: 'Receive a signed payment-provider webhook',
    description: 'Answered with 200 once it is on disk. A duplicate gets the same answer and has no effect.',
    access: 'provider',
    body: { schema: v.looseObject({}), isRaw: true },
    answers: [{ status: 200, description: 'The webhook is on disk.', schema: answers.webhookAnswer }],
    refusals: ['not_found', 'bad_signature', 'malformed', 'too_large', 'unsupported_media_type'],
    writes: true,
  },
]);

export function paymentRoutes(deps: Deps) {
  const { clock, providers, log } = deps;
  const receiveWebhook = async (c: Context): Promise<Response> => {
    const provider = providers.get(c.req.param('provider') ?? '');
    if (!provider) return problem('not_found');
    const body = await readText(c.req.raw);
    if (body instanceof Response) return body;
    const reading = await provider.readWebhook(body, c.req.raw.headers, clock.now());
    if (reading.kind === 'bad_signature') return problem('bad_signature');
    if (reading.kind === 'malformed')
      return problem('malformed', { detail: 'The message has an unknown format.' });

    if (reading.kind === 'ignored') return answerIgnored(reading, provider, log);

    if (reading.kind === 'movements') return recordMovements(reading.movements, provider, deps);
    const outcome = await submitPayment(reading.event, provider.name, deps);
    if (outcome.kind === 'payment_recorded') return json({ received: true, effect: outcome.effect });
    if (outcome.kind === 'payment_known' || outcome.kind === 'ignored')
      return json({ received: true, effect: 'none' });
    return refuse(outcome);
  };
  const routes = publicRoutes(paymentOperations, { receiveWebhook });
  routes.onError((error) => {
    if (!(error instanceof ProviderError)) throw error;
    log.warn({ code: error.code }, 'a provider did not answer a query about its own webhook');
    // The provider then resends the webhook.
    return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
  });
  return routes;
}
