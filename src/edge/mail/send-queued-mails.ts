/** Consumes the mail queue: fetches each e-mail, sends it, and schedules retries. */
import type { Draft } from '../../background/event-mails.ts';
import { deliveryOf, type SendMail } from '../../background/mail.ts';
import type { Delivery } from '../../background/subscriber.ts';
import { backoffMs } from '../../domain/backoff.ts';
import {
  QUEUE_PAUSE_MAX_S,
  QUEUE_RETRIES_MAX,
  QUEUE_RETRY_FIRST_MS,
  QUEUE_RETRY_MAX_MS,
} from '../../domain/delivery-limits.ts';
import type { Log } from '../../log.ts';
import { type QueuedLinks, type QueuedMail, readQueued } from './queued.ts';

export interface SendQueuedMailsDeps {
  /** Fetches the current e-mail from its object. */
  composeMail(queued: QueuedMail | QueuedLinks): Promise<Draft | Delivery>;
  /** Ends a request for lost links. */
  endLinks(queued: QueuedLinks): Promise<void>;
  sendMail: SendMail;
  log: Log;
  /** Returns 0 to below 1: spreads the retries of e-mails that failed together. */
  random: () => number;
}

/** The parts of the platform's message that are used here. */
export interface QueuedMessage {
  body: unknown;
  /** Includes this attempt. */
  attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

async function deliver(
  queued: QueuedMail | QueuedLinks,
  { composeMail, sendMail, endLinks, log }: SendQueuedMailsDeps,
): Promise<{ delivery: Delivery; pauseSeconds: number }> {
  try {
    const draft = await composeMail(queued);
    let delivery: Delivery = 'done';
    let pauseSeconds = 0;
    if (typeof draft === 'string') delivery = draft;
    else {
      const result = await sendMail(draft.mail);
      delivery = deliveryOf(result, draft.event, log);
      if (result.kind !== 'sent') pauseSeconds = result.retryAfterSeconds ?? 0;
    }
    if (delivery === 'done' && 'links' in queued) await endLinks(queued);
    return { delivery, pauseSeconds };
  } catch (error) {
    // Without the error's message, which may quote personal data.
    const name = error instanceof Error ? error.name : 'unknown';
    log.warn({ ...queued, error: name }, 'an e-mail will be retried');
    return { delivery: 'unavailable', pauseSeconds: 0 };
  }
}

/**
 * Sends e-mails one at a time: the queue runs several consumers, and providers accept few e-mails a
 * second.
 */
export async function sendQueuedMails(
  messages: readonly QueuedMessage[],
  deps: SendQueuedMailsDeps,
): Promise<void> {
  const { log, random } = deps;
  for (const message of messages) {
    const queued = readQueued(message.body);
    if (!queued) {
      log.error({}, 'a message in the mail queue is invalid');
      message.ack();
      continue;
    }
    const { delivery, pauseSeconds } = await deliver(queued, deps);
    if (delivery === 'done') {
      message.ack();
      continue;
    }
    const { attempts } = message;
    if (attempts > QUEUE_RETRIES_MAX)
      log.error({ ...queued, attempts }, 'an e-mail was given up: it is in the dead-letter queue');
    const backoff = backoffMs(attempts - 1, random, QUEUE_RETRY_FIRST_MS, QUEUE_RETRY_MAX_MS);
    const delaySeconds = Math.max(Math.ceil(backoff / 1000), Math.min(pauseSeconds, QUEUE_PAUSE_MAX_S));
    message.retry({ delaySeconds });
  }
}
