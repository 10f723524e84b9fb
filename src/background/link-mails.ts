/**
 * Sends requested order links by e-mail. Requests are kept outside the log: a stranger can make
 * them for any address, and they leave no permanent trace.
 */
import type { LinkRequest } from '../database/log-reads.ts';
import { logReads } from '../database/log-reads.ts';
import { backoffMs } from '../domain/backoff.ts';
import {
  DEFERRED_BACKOFF_FIRST_MS,
  DELIVERY_BACKOFF_MAX_MS,
  DELIVERY_CONCURRENCY,
  DELIVERY_INTERVAL_MS,
  DELIVERY_STOP_DEADLINE_MS,
  LINK_REQUEST_AGE_MAX_MS,
  LINK_REQUEST_KEPT_MS,
} from '../domain/delivery-limits.ts';
import type { MailSubscriber } from './mail.ts';
import type { DeliveryDeps } from './subscriber.ts';

export interface LinkMails {
  /** Starts no more e-mails, waits for those under way, and ends the requests of those sent. */
  stop(): Promise<void>;
}

/** What this process remembers of a request. */
interface Turn {
  request: LinkRequest;
  attempts: number;
  /** When it is retried or ended, on the monotonic clock. */
  dueMs: number;
  /** Whether its e-mail was sent, there is none to send, or it is too late. */
  isOver: boolean;
}

/**
 * Polls the requests. A request for an unknown address ends like any other, with the same commands
 * at the same time. After a crash, e-mails of the last LINK_REQUEST_KEPT_MS are sent again, with
 * the same Message-ID.
 */
export function mailRequestedLinks(
  mail: Pick<MailSubscriber, 'sendLinks'>,
  { db, clock, log, random }: DeliveryDeps,
): LinkMails {
  const inFlight = new Map<string, Promise<void>>();
  let turns = new Map<string, Turn>();

  const end = async ({ request: { id, at } }: Turn): Promise<void> => {
    await db.submit({ kind: 'endLinkRequest', id, at });
  };
  const attempt = async (mailId: string, turn: Turn): Promise<void> => {
    if (turn.isOver) return end(turn);
    const { recipient, at } = turn.request;
    const isTooLate = clock.now() - at > LINK_REQUEST_AGE_MAX_MS;
    if (isTooLate) log.warn({ mailId }, 'an e-mail with order links was not sent');
    const answer = isTooLate ? 'done' : await mail.sendLinks(recipient, mailId);
    turn.isOver = answer === 'done';
    turn.attempts += 1;
    const waitMs = turn.isOver
      ? // Not longer if the clock was ahead at the request.
        Math.min(LINK_REQUEST_KEPT_MS, Math.max(0, at + LINK_REQUEST_KEPT_MS - clock.now()))
      : backoffMs(turn.attempts - 1, random, DEFERRED_BACKOFF_FIRST_MS, DELIVERY_BACKOFF_MAX_MS);
    turn.dueMs = clock.monotonicMs() + waitMs;
  };
  const begin = (mailId: string, turn: Turn): void => {
    const ended = attempt(mailId, turn)
      .catch((error: unknown) => {
        turn.dueMs = clock.monotonicMs() + DELIVERY_BACKOFF_MAX_MS;
        log.error(
          { mailId, error: error instanceof Error ? error.name : 'unknown' },
          'an e-mail with order links failed',
        );
      })
      .finally(() => inFlight.delete(mailId));
    inFlight.set(mailId, ended);
  };

  const stopPolling = clock.every(DELIVERY_INTERVAL_MS, () => {
    const waiting = new Map<string, Turn>();
    for (const request of logReads(db).linkRequests()) {
      const mailId = `links.${request.at}.${request.id}`;
      const turn = turns.get(mailId) ?? { request, attempts: 0, dueMs: 0, isOver: false };
      waiting.set(mailId, turn);
      if (turn.dueMs > clock.monotonicMs() || inFlight.has(mailId)) continue;
      if (inFlight.size < DELIVERY_CONCURRENCY) begin(mailId, turn);
    }
    turns = waiting;
  });

  return {
    async stop() {
      stopPolling();
      const isOverdue = new Promise<void>((resolve) => clock.after(DELIVERY_STOP_DEADLINE_MS, resolve));
      await Promise.race([Promise.all(inFlight.values()), isOverdue]);
      await Promise.all([...turns.values()].filter(({ isOver }) => isOver).map(end));
    },
  };
}
