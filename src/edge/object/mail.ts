/**
 * An object's part of mail: queues the numbers of its letters, and composes a letter on request.
 */

import {
  createLetters,
  type Draft,
  type FoundOrders,
  type LettersDeps,
  type SoldOutMark,
} from '../../background/letters.ts';
import type { Delivery, Subscriber } from '../../background/subscriber.ts';
import type { Config } from '../../config/config.ts';
import { logReads } from '../../database/log-reads.ts';
import { LINK_REQUEST_AGE_MAX_MS } from '../../domain/delivery-limits.ts';
import type { EventKind } from '../../domain/event.ts';
import type { Log } from '../../log.ts';
import type { QueuedLetter, QueuedLinks } from '../mail/send-letters.ts';

export interface ObjectMailDeps extends Pick<LettersDeps, 'db' | 'clock' | 'ids' | 'publicUrl'> {
  config: Pick<Config, 'mail'>;
  queue: Queue<QueuedLetter | QueuedLinks>;
  storage: DurableObjectStorage;
  log: Log;
  shardId: number;
  /** Number of objects that share the drop's stock. */
  shards: number;
}

export interface ObjectMail {
  /** Delivers an event once the queue has stored its letter. */
  subscriber: Subscriber;
  /** Returns the letter about an event; `done` if there is none, or no longer. */
  letter(seq: number): Promise<Draft | Delivery>;
  /** Returns a customer's orders here, for a letter with lost links. */
  ordersOf(customer: string): FoundOrders | null;
  /**
   * Records and queues a request for lost links, unless the customer has reached the limit of
   * letters.
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
  const letters = createLetters({
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
      kinds: letters.kinds.difference(new Set(unsent)),
      async deliver({ seq }) {
        try {
          await queue.send({ shardId, seq });
          return 'done';
        } catch (error) {
          log.warn({ shardId, event: seq, error: String(error) }, 'the mail queue did not accept a letter');
          return 'away';
        }
      },
    },
    async letter(seq) {
      const [event] = logReads(db).eventsAfter(seq - 1, 1);
      // After a restore to an earlier point in time, the log may be shorter.
      return event?.seq === seq ? letters.about(event) : 'done';
    },
    ordersOf: letters.ordersOf,
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
        await queue.send({ shardId, links: { id, at } });
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
