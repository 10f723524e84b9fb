/** The entry of Cloudflare Workers: the handler near the buyer, and the classes of the drops' objects and relays. */

import { ConfigError } from '../config/config.ts';
import { QUEUE_PAUSE_MAX_S } from '../domain/delivery-limits.ts';
import { problem, refuse } from '../http/problem.ts';
import { assertLimits } from '../limits.ts';
import { edgeConfig } from './config.ts';
import { createFront } from './front/front.ts';
import { createEdgeLog } from './log.ts';
import { consumeLetters } from './mail/letter-consumer.ts';

export { DropObject } from './object/drop-object.ts';
export { DropRelay } from './relay/drop-relay.ts';

let front: ReturnType<typeof createFront> | null = null;

/** Once for each isolate, when the first request comes: before, the platform gives no variables. */
async function openFront(env: Env): ReturnType<typeof createFront> {
  assertLimits();
  const config = edgeConfig(env);
  const log = createEdgeLog(config.logLevel);
  for (const warning of config.warnings) log.warn({}, warning);
  if (config.paymentProviders.includes('sandbox')) {
    log.warn({}, 'the sandbox takes payments: buyers get goods for nothing');
  }
  return createFront(env, config, log);
}

function logMistakes({ mistakes }: ConfigError): void {
  const log = createEdgeLog('error');
  for (const mistake of mistakes) log.error({}, `can't serve: ${mistake}`);
}

export default {
  /** Letters that objects have queued. */
  async queue(batch, env) {
    try {
      await consumeLetters(batch, env);
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
      return problem('not_configured', { detail: 'The operator finds the reason in the log.' });
    }
    try {
      return await opened.fetch(request, env, context);
    } catch (error) {
      // What the platform throws past every handler, as when an object is moved in the middle of an answer.
      createEdgeLog('error').error({ error: String(error) }, 'a request was cut off');
      return refuse({ kind: 'outcome_unknown' });
    }
  },
} satisfies ExportedHandler<Env>;
