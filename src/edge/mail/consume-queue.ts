/**
 * Opens the queue consumer's dependencies for one batch: connections can't outlive an invocation.
 */

import type { Draft } from '../../background/event-mails.ts';
import type { Delivery } from '../../background/subscriber.ts';
import { emailBinding } from '../../config/mail.ts';
import { QUEUE_PAUSE_MAX_S } from '../../domain/delivery-limits.ts';
import { edgeClock } from '../clock.ts';
import { edgeConfig } from '../config.ts';
import { CustomerIndex } from '../customer-shards.ts';
import { composeLinksMail, endLinks } from '../front/link-requests.ts';
import { CUSTOMERS_LATE_MS } from '../limits.ts';
import { createEdgeLog } from '../log.ts';
import { Objects } from '../objects.ts';
import { sendQueuedMails } from './send-queued-mails.ts';
import { openEdgeMailSender } from './sender.ts';

/** Throws `ConfigError` if the Worker's configuration is invalid. */
export async function consumeMailQueue(
  batch: MessageBatch,
  env: Env & { [emailBinding]?: SendEmail },
): Promise<void> {
  const config = edgeConfig(env);
  const log = createEdgeLog(config.logLevel);
  const sender = await openEdgeMailSender(config, env);
  if (!sender) {
    // Queued while mail was on. Keep the e-mails: the operator may switch it on again.
    log.error({ messages: batch.messages.length }, 'e-mails are queued, but MAIL_PROVIDER is not set');
    return batch.retryAll({ delaySeconds: QUEUE_PAUSE_MAX_S });
  }
  const objects = new Objects(env.DROPS, log, edgeClock, Math.random);
  try {
    await sendQueuedMails(batch.messages, {
      composeMail: (queued) =>
        'links' in queued
          ? composeLinksMail(
              queued,
              objects,
              (customer) =>
                new CustomerIndex(env.CATALOGUE).likelyShardIds(
                  customer,
                  edgeClock.now() - CUSTOMERS_LATE_MS,
                ),
              config.publicUrl ?? '',
            )
          : objects.call(
              queued.shardId,
              async (stub): Promise<Draft | Delivery> => stub.composeMail(queued.seq),
              true,
            ),
      endLinks: (queued) => endLinks(objects, queued),
      sendMail: sender.sendMail,
      log,
      random: Math.random,
    });
  } finally {
    sender.close();
  }
}
