/**
 * The entry on Cloudflare Workers: the handler near the buyer, and the classes of objects and
 * relays.
 */

import { ConfigError } from '../config/config.ts';
import { QUEUE_PAUSE_MAX_S } from '../domain/delivery-limits.ts';
import { problem, refuse } from '../http/problem.ts';
import { assertLimits } from '../limits.ts';
import { edgeConfig } from './config.ts';
import { createFront } from './front/front.ts';
import { createEdgeLog } from './log.ts';
import { consumeMailQueue } from './mail/consume-queue.ts';

export { DropObject } from './object/drop-object.ts';
export { DropRelay } from './relay/drop-relay.ts';

let front: ReturnType<typeof createFront> | null = null;

/** Opened on the isolate's first request: the platform gives no variables before. */
async function openFront(env: Env): ReturnType<typeof createFront> {
  assertLimits();
  const config = edgeConfig(env);
  const log = createEdgeLog(config.logLevel);
  for (const warning of config.warnings) log.warn({}, warning);
  if (config.paymentProviders.includes('sandbox')) {
    log.warn({}, 'the sandbox takes payments: orders are never charged');
  }
  return createFront(env, config, log);
}

function logMistakes({ mistakes }: ConfigError): void {
  const log = createEdgeLog('error');
  for (const mistake of mistakes) log.error({}, `can't serve: ${mistake}`);
}

export default {
  /** Consumes e-mails that objects have queued. */
  async queue(batch, env) {
    try {
      await consumeMailQueue(batch, env);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      logMistakes(error);
      batch.retryAll({ delaySeconds: QUEUE_PAUSE_MAX_S });
    }
  },
  async fetch(request, env, context) {
    let opened: Awaited<ReturnType<typeof createFront>>;
    try {
      front ??= openFront(env);
      opened = await front;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      logMistakes(error);
      return problem('not_configured', { detail: 'The reason is in the log.' });
    }
    try {
      return await opened.fetch(request, env, context);
    } catch (error) {
      // The platform can throw past every handler, for example when it moves an object in the
      // middle of an answer.
      createEdgeLog('error').error({ error: String(error) }, 'a request was cut off');
      return refuse({ kind: 'outcome_unknown' });
    }
  },
} satisfies ExportedHandler<Env>;
