/**
 * An object's part of mail: queues the numbers of its e-mails, and composes an e-mail on request.
 */

import {
  createEventMails,
  type Draft,
  type EventMailsDeps,
  type FoundOrders,
  type SoldOutMark,
} from '../../background/event-mails.ts';
import type { Delivery, Subscriber } from '../../background/subscriber.ts';
import type { Config } from '../../config/config.ts';
import { logReads } from '../../database/log-reads.ts';
import { LINK_REQUEST_AGE_MAX_MS } from '../../domain/delivery-limits.ts';
import type { EventKind } from '../../domain/event.ts';
import type { Log } from '../../log.ts';
import { type QueuedLinks, type QueueMessage, queueMessageOf } from '../mail/queued.ts';

export interface ObjectMailDeps extends Pick<EventMailsDeps, 'db' | 'clock' | 'ids' | 'publicUrl'> {
  config: Pick<Config, 'mail'>;
  queue: Queue<QueueMessage>;
  storage: DurableObjectStorage;
  log: Log;
  shardId: number;
  /** Number of objects that share the drop's stock. */
  shards: number;
}

export interface ObjectMail {
  /** Delivers an event once the queue has stored its e-mail. */
  subscriber: Subscriber;
  /** Returns the e-mail about an event; `done` if there is none, or no longer. */
  composeMail(seq: number): Promise<Draft | Delivery>;
  /** Returns a customer's orders here, for an e-mail with lost links. */
  ordersOf(customer: string): FoundOrders | null;
  /**
   * Records and queues a request for lost links, unless the customer has reached the limit of
   * e-mails.
   */
  requestLinks(recipient: string): Promise<void>;
  /** Returns the customer of a request; null once it has ended or is too old. */
  linkRecipient(links: QueuedLinks['links']): string | null;
  endLinks(links: QueuedLinks['links']): Promise<void>;
}

/**
 * The last mailed sell-out. Stored, because the object may be evicted while a repeated one must not
 * be mailed.
 */
const soldOutKey = 'mailed-sold-out';

/** Null if the Worker sends no mail. */
export function createObjectMail(deps: ObjectMailDeps): ObjectMail | null {
  const { queue, storage, log, shardId, shards, db } = deps;
  const { mail } = deps.config;
  if (mail.provider === null) return null;
  const mails = createEventMails({
    ...deps,
    operatorEmail: mail.operatorEmail,
    isHoldMailOn: mail.holds,
    soldOuts: {
      get: () => storage.kv.get<SoldOutMark>(soldOutKey),
      set: (_, mark) => storage.kv.put(soldOutKey, mark),
    },
  });
  const unsent: EventKind[] = [
    ...(mail.holds ? [] : (['held', 'released'] as const)),
    // One shard without units does not make the drop sold out.
    ...(shards === 1 ? [] : (['sold_out'] as const)),
  ];
  const isTooOld = ({ at }: { at: number }): boolean => deps.clock.now() - at > LINK_REQUEST_AGE_MAX_MS;
  const endLinks = async ({ id, at }: QueuedLinks['links']): Promise<void> => {
    await db.submit({ kind: 'endLinkRequest', id, at });
  };
  return {
    subscriber: {
      name: 'mail',
      kinds: mails.kinds.difference(new Set(unsent)),
      async deliver({ seq }) {
        try {
          await queue.send(queueMessageOf({ shardId, seq }));
          return 'done';
        } catch (error) {
          log.warn({ shardId, event: seq, error: String(error) }, 'the mail queue did not accept an e-mail');
          return 'unavailable';
        }
      },
    },
    async composeMail(seq) {
      const [event] = logReads(db).eventsAfter(seq - 1, 1);
      // After a restore to an earlier point in time, the log may be shorter.
      return event?.seq === seq ? mails.about(event) : 'done';
    },
    ordersOf: mails.ordersOf,
    async requestLinks(recipient) {
      // Requests whose queue message was lost would count forever.
      for (const old of logReads(db).linkRequests().filter(isTooOld)) await endLinks(old);
      const known = new Set(
        logReads(db)
          .linkRequests()
          .map(({ id }) => id),
      );
      await db.submit({ kind: 'requestLinks', recipient });
      for (const { id, at } of logReads(db)
        .linkRequests()
        .filter(({ id }) => !known.has(id)))
        await queue.send(queueMessageOf({ shardId, links: { id, at } }));
    },
    linkRecipient({ id, at }) {
      const request = logReads(db)
        .linkRequests()
        .find((one) => one.id === id && one.at === at);
      return request && !isTooOld(request) ? request.recipient : null;
    },
    endLinks,
  };
}
