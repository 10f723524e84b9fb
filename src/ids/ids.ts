/** Turns integer keys into public ids and tokens that reveal nothing and can't be guessed. */
import type { GenerationOf } from '../domain/generation.ts';
import { dropOf, MACHINE } from '../domain/shard.ts';
import { deriveKeys } from './derived-key.ts';
import { CURSOR_TAG, createIdBlocks, type DecodedId, DROP_TAG, ORDER_TAG, REFUND_TAG } from './id-block.ts';
import { createKeyedHashes, type KeyedHashes } from './keyed-hashes.ts';
import { createOrderCodes, type OrderCodes } from './order-codes.ts';
import { remembered } from './remembered.ts';

const KNOWN_DROPS_MAX = 1_000;
const placedKinds = [
  ['ord_', ORDER_TAG],
  ['drp_', DROP_TAG],
  ['rfd_', REFUND_TAG],
  ['cur_', CURSOR_TAG],
] as const;

export interface OrderKey {
  dropId: number;
  orderId: number;
}

export interface RefundKey {
  refundId: number;
  /** Shard where the refund began; null: this shard. */
  keyShardId: number | null;
}

export interface Ids extends OrderCodes, KeyedHashes {
  /** `drp_…` of a drop's key. */
  drop(dropId: number): string;
  parseDrop(id: string): number | null;
  /**
   * `ord_…` of an order's key and its drop's: an order id alone leads to the drop that holds it.
   */
  order(key: OrderKey): string;
  /** Null also for an order that the file has lost, whose key another order may have by now. */
  parseOrder(id: string): OrderKey | null;
  /** The drop of an order's id, even if the order was lost, or sold elsewhere after a move. */
  dropOfOrder(id: string): number | null;
  /** `rfd_…` of a refund's key. */
  refund(refundId: number): string;
  parseRefund(id: string): number | null;
  /** The `rfd_…` for its provider; contains the shard id where it began, so a move keeps it. */
  refundKey(refund: RefundKey): string;
  parseRefundKey(id: string): RefundKey | null;
  /** `evt_…` of an event's number in the log, its generation and its time. */
  event(event: { seq: number; at: number }): string;
  /** `cur_…`: the end of a page in a list. It names no row, so it has no generation. */
  cursor(key: number): string;
  parseCursor(cursor: string): number | null;
  /** The shard id of any id or cursor, even if its row is lost; null if it is not ours. */
  shardIdOf(id: string): number | null;
}

/**
 * Derives every key from one secret. The shard `shardId` (domain/shard.ts) issues and understands
 * the ids: ids of another shard are invalid to it, and ids of a machine contain 0, because all keys
 * are its own. Without `generationOf`, ids get no generation and any generation is accepted, for
 * callers that only route them.
 */
export function createIds(
  secretKey: string,
  shardId = MACHINE,
  generationOf: GenerationOf | null = null,
): Ids {
  const keyFor = deriveKeys(secretKey);
  const { encode, decode, encodeEvent } = createIdBlocks(keyFor('id'), generationOf);
  const unprefixed = (prefix: string, id: string): string =>
    id.startsWith(prefix) ? id.slice(prefix.length) : '';
  const isHere = (of: number): boolean => shardId === MACHINE || of === shardId;
  /** An order of this shard with the key of its drop, even if lost. */
  const orderHere = (id: string): DecodedId | null => {
    const key = decode(ORDER_TAG, unprefixed('ord_', id));
    if (!key || !isHere(key.dropId)) return null;
    return { ...key, dropId: shardId === MACHINE ? key.dropId : dropOf(shardId) };
  };

  return {
    // Kept, because every order shows its drop's.
    drop: remembered(KNOWN_DROPS_MAX, (dropId) => `drp_${encode(DROP_TAG, dropId, 0)}`),
    parseDrop: (id) => decode(DROP_TAG, unprefixed('drp_', id))?.dropId ?? null,
    order: ({ dropId, orderId }) =>
      `ord_${encode(ORDER_TAG, shardId === MACHINE ? dropId : shardId, orderId)}`,
    parseOrder(id) {
      const order = orderHere(id);
      return order && !order.isLost ? { dropId: order.dropId, orderId: order.orderId } : null;
    },
    dropOfOrder: (id) => orderHere(id)?.dropId ?? null,
    refund: (refundId) => `rfd_${encode(REFUND_TAG, shardId, refundId)}`,
    parseRefund(id) {
      const key = decode(REFUND_TAG, unprefixed('rfd_', id));
      return key && !key.isLost && isHere(key.dropId) ? key.orderId : null;
    },
    refundKey: ({ refundId, keyShardId }) => `rfd_${encode(REFUND_TAG, keyShardId ?? shardId, refundId)}`,
    parseRefundKey(id) {
      const key = decode(REFUND_TAG, unprefixed('rfd_', id));
      if (!key || key.isLost) return null;
      return { refundId: key.orderId, keyShardId: key.dropId === shardId ? null : key.dropId };
    },
    event: (event) => `evt_${encodeEvent(shardId, event)}`,
    cursor: (key) => `cur_${encode(CURSOR_TAG, shardId, key)}`,
    parseCursor(cursor) {
      const key = decode(CURSOR_TAG, unprefixed('cur_', cursor));
      return key && isHere(key.dropId) ? key.orderId : null;
    },
    shardIdOf(id) {
      for (const [prefix, tag] of placedKinds) {
        const key = decode(tag, unprefixed(prefix, id));
        if (key) return key.dropId;
      }
      return null;
    },
    ...createOrderCodes(keyFor, shardId),
    ...createKeyedHashes(keyFor),
  };
}
