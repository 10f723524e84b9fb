/** The part of mail that an object does: it queues the numbers of its letters, and composes a letter when it is asked for. */
import type { Delivery, Follower } from '../../background/follower.ts';
import { createLetters, type Draft, type LettersDeps, type SoldOutMark } from '../../background/letters.ts';
import type { Config } from '../../config.ts';
import type { EventKind } from '../../domain/event.ts';
import type { Log } from '../../log.ts';
import type { QueuedLetter } from './send-letters.ts';

export interface ObjectMailDeps extends Pick<LettersDeps, 'store' | 'clock' | 'ids' | 'publicUrl'> {
  config: Pick<Config, 'mail'>;
  queue: Queue<QueuedLetter>;
  storage: DurableObjectStorage;
  log: Log;
  place: number;
  /** Over how many objects the drop is split. */
  lanes: number;
}

export interface ObjectMail {
  /** Delivers an event once the queue has accepted its letter, which is on disk then. */
  follower: Follower;
  /** The letter about an event; `done` if there is none, or none any more. */
  letter(seq: number): Promise<Draft | Delivery>;
}

/** The last sell-out that was mailed: the object may sleep within the minutes in which another one is no news. */
const soldOutKey = 'mailed-sold-out';

/** Null if the Worker sends no mail. */
export function createObjectMail(deps: ObjectMailDeps): ObjectMail | null {
  const { queue, storage, log, place, lanes, store } = deps;
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
    // One lane without units does not mean that the drop is sold out.
    ...(lanes === 1 ? [] : (['sold_out'] as const)),
  ];
  return {
    follower: {
      name: 'mail',
      kinds: letters.kinds.difference(new Set(unsent)),
      async deliver({ seq }) {
        try {
          await queue.send({ place, seq });
          return 'done';
        } catch (error) {
          log.warn({ place, event: seq, error: String(error) }, 'the queue of letters accepted none');
          return 'away';
        }
      },
    },
    async letter(seq) {
      const [event] = store.reads.eventsAfter(seq - 1, 1);
      // After a restore to an earlier moment the log may be shorter.
      return event?.seq === seq ? letters.about(event) : 'done';
    },
  };
}
