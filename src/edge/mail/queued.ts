/** The messages of the mail queue: what they say, and under which names. */
import * as v from 'valibot';
import { SHARD_IDS_MAX } from '../../domain/shard.ts';

/** A queued e-mail. Holds no personal data, so that deleted data is never sent. */
export interface QueuedMail {
  shardId: number;
  /** Number of the event in the shard's log. */
  seq: number;
}

/** A queued request for lost links. */
export interface QueuedLinks {
  shardId: number;
  links: { id: number; at: number };
}

const number = (min: number, max: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
const shardId = number(0, SHARD_IDS_MAX - 1);
const seq = number(1, Number.MAX_SAFE_INTEGER);
const links = v.strictObject({ id: seq, at: seq });
/**
 * Messages outlive a deployment: never rename `place`, or e-mails queued before it are lost.
 * Objects of one interim version queued `shardId`.
 */
const queueMessage = v.union([
  v.strictObject({ place: shardId, seq }),
  v.strictObject({ place: shardId, links }),
  v.strictObject({ shardId, seq }),
  v.strictObject({ shardId, links }),
]);

export type QueueMessage = v.InferOutput<typeof queueMessage>;

/** The message to queue. */
export const queueMessageOf = ({ shardId: place, ...about }: QueuedMail | QueuedLinks): QueueMessage => ({
  place,
  ...about,
});

/** Null for a message that names no e-mail. */
export function readQueued(body: unknown): QueuedMail | QueuedLinks | null {
  const { success, output } = v.safeParse(queueMessage, body);
  if (!success) return null;
  if ('shardId' in output) return output;
  const { place, ...about } = output;
  return { shardId: place, ...about };
}
