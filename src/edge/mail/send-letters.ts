/** Consumes the mail queue: fetches each letter, sends it, and schedules retries. */
import * as v from 'valibot';
import type { Draft } from '../../background/letters.ts';
import { deliveryOf, type SendMail } from '../../background/mail.ts';
import { backoffMs, type Delivery } from '../../background/subscriber.ts';
import {
  QUEUE_PAUSE_MAX_S,
  QUEUE_RETRIES_MAX,
  QUEUE_RETRY_FIRST_MS,
  QUEUE_RETRY_MAX_MS,
} from '../../domain/delivery-limits.ts';
import { SHARD_IDS_MAX } from '../../domain/shard.ts';
import type { Log } from '../../log.ts';

/** A queued letter. Holds no personal data, so that deleted data is never sent. */
export interface QueuedLetter {
  shardId: number;
  /** Number of the event in the shard's log. */
  seq: number;
}

/** A queued request for lost links. */
export interface QueuedLinks {
  shardId: number;
  links: { id: number; at: number };
}

export interface SendLettersDeps {
  /** Fetches the current letter from its object. */
  letterOf(queued: QueuedLetter | QueuedLinks): Promise<Draft | Delivery>;
  /** Ends a request for lost links. */
  endLinks(queued: QueuedLinks): Promise<void>;
  sendMail: SendMail;
  log: Log;
  /** Returns 0 to below 1: spreads the retries of letters that failed together. */
  random: () => number;
}

const number = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const shardId = number(0, SHARD_IDS_MAX - 1);
const key = number(1, Number.MAX_SAFE_INTEGER);
const queuedLetter = v.union([
  v.strictObject({ shardId, seq: key }),
  v.strictObject({ shardId, links: v.strictObject({ id: key, at: key }) }),
]);

/** The parts of the platform's message that are used here. */
export interface LetterMessage {
  body: unknown;
  /** Includes this attempt. */
  attempts: number;
  ack(): void;
  retry(options: { delaySeconds: number }): void;
}

async function deliver(
  queued: QueuedLetter | QueuedLinks,
  { letterOf, sendMail, endLinks, log }: SendLettersDeps,
): Promise<{ delivery: Delivery; pauseSeconds: number }> {
  try {
    const draft = await letterOf(queued);
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
    log.warn({ ...queued, error: name }, 'a letter will be retried');
    return { delivery: 'away', pauseSeconds: 0 };
  }
}

/**
 * Sends letters one at a time: the queue runs several consumers, and providers accept few letters a
 * second.
 */
export async function sendLetters(messages: readonly LetterMessage[], deps: SendLettersDeps): Promise<void> {
  const { log, random } = deps;
  for (const message of messages) {
    const { success, output: queued } = v.safeParse(queuedLetter, message.body);
    if (!success) {
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
      log.error({ ...queued, attempts }, 'a letter was given up: it is in the dead-letter queue');
    const backoff = backoffMs(attempts - 1, random, QUEUE_RETRY_FIRST_MS, QUEUE_RETRY_MAX_MS);
    const delaySeconds = Math.max(Math.ceil(backoff / 1000), Math.min(pauseSeconds, QUEUE_PAUSE_MAX_S));
    message.retry({ delaySeconds });
  }
}
