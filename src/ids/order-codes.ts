/** Orders as numbers, for humans and for providers without ids. */
import { timeOfKey } from '../domain/key-time.ts';
import { MACHINE } from '../domain/shard.ts';
import type { KeyFor } from './derived-key.ts';
import { createHmacSha256 } from './hmac.ts';
import { createPermutation, firstBits } from './permutation.ts';

/** Half of an order's number, in bits. */
const NUMBER_HALF_BITS = 24;
/** Half of an order code at the edge: the shard id, and a number that distinguishes its orders. */
const CODE_HALF_BITS = 26;
const RECENT_MS = 2 * 86_400_000;

export interface OrderCodes {
  /** The order as a number of at most 15 digits, for humans; it reveals as little as the id. */
  orderNumber(orderId: number): number;
  /**
   * For providers without ids: the order's number; at the edge up to 16 digits with the shard id.
   */
  orderCode(orderId: number): number;
  /** The order of a code; null if invalid, and at the edge, where its checkout names the order. */
  parseOrderCode(code: number): number | null;
  /**
   * Whether a code without our mark is probably ours: of an order of the last two days, or at the
   * edge, of this shard. A code of other software matches once in 6,000 times.
   */
  isOrderCodeLikely(code: number, now: number): boolean;
  /** The shard at the edge whose order has this code. */
  shardIdOfOrderCode(code: number): number | null;
}

export function createOrderCodes(keyFor: KeyFor, shardId: number): OrderCodes {
  const numbers = createPermutation(NUMBER_HALF_BITS, createHmacSha256(keyFor('order number')));
  const codes = createPermutation(CODE_HALF_BITS, createHmacSha256(keyFor('order code')));
  const orderInCode = createHmacSha256(keyFor('order in a code'));
  const shardIdOfOrderCode = (code: number): number | null => {
    const found = codes.unpermute(code);
    return found === null ? null : Math.floor(found / 2 ** CODE_HALF_BITS);
  };
  return {
    orderNumber: (orderId) => numbers.permute(orderId),
    orderCode(orderId) {
      if (shardId === MACHINE) return numbers.permute(orderId);
      const inShard = firstBits(orderInCode(`${shardId}:${orderId}`, 'hex'), CODE_HALF_BITS);
      return codes.permute(shardId * 2 ** CODE_HALF_BITS + inShard);
    },
    parseOrderCode: (code) => (shardId === MACHINE ? numbers.unpermute(code) : null),
    isOrderCodeLikely(code, now) {
      if (shardId !== MACHINE) return shardIdOfOrderCode(code) === shardId;
      const key = numbers.unpermute(code);
      const age = key === null ? Number.POSITIVE_INFINITY : now - timeOfKey(key);
      return age >= 0 && age < RECENT_MS;
    },
    shardIdOfOrderCode,
  };
}
