/** The part of mail that an object does: it queues the numbers of its letters, and composes a letter when it is asked for. */

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
  /** Over how many objects the drop is split. */
  shards: number;
}

export interface ObjectMail {
  /** Delivers an event once the queue has accepted its letter, which is on disk then. */
  subscriber: Subscriber;
  /** The letter about an event; `done` if there is none, or none any more. */
  letter(seq: number): Promise<Draft | Delivery>;
  /** A customer's orders here, for a letter with lost links. */
  ordersOf(customer: string): FoundOrders | null;
  /** Notes a request for lost links, unless the customer has had enough letters, and queues it. */
  requestLinks(recipient: string): Promise<void>;
  /** Whose links a request asks for; null once it has ended, or is too old. */
  linkRecipient(links: QueuedLinks['links']): string | null;
  endLinks(links: QueuedLinks['links']): Promise<void>;
}

/** The last sell-out that was mailed: the object may sleep within the minutes in which another one is no news. */
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
    // One shard without units does not mean that the drop is sold out.
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
          log.warn({ shardId, event: seq, error: String(error) }, 'the queue of letters accepted none');
          return 'away';
        }
      },
    },
    async letter(seq) {
      const [event] = logReads(db).eventsAfter(seq - 1, 1);
      // After a restore to an earlier moment the log may be shorter.
      return event?.seq === seq ? letters.about(event) : 'done';
    },
    ordersOf: letters.ordersOf,
    async requestLinks(recipient) {
      // Those whose message was lost would count for ever.
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
