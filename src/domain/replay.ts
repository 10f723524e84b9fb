/** Answers a repeated request with the result of its first attempt, if it is the same request. */
import type { Order } from './order.ts';
import type { Held } from './outcome.ts';

/** An order found by its key, with the hash of the body that placed it. */
export interface KnownOrder extends Order {
  fingerprint: string;
}

/** The order as its hold was answered, regardless of later changes; a key belongs to one body. */
export function replayOf(known: KnownOrder, fingerprint: string): Held | { kind: 'key_reused' } {
  const { fingerprint: knownFingerprint, ...order } = known;
  if (knownFingerprint !== fingerprint) return { kind: 'key_reused' };
  // Of the fields shown, only these change after the hold.
  const asHeld = { status: 'held', trackingCode: null, releaseReason: null } as const;
  return { kind: 'held', order: { ...order, ...asHeld }, replayed: true };
}
