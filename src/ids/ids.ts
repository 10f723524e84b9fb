/** Turns integer keys into public ids and tokens that reveal nothing and can't be guessed. */
import { createCipheriv, createDecipheriv, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { GenerationOf } from '../domain/generation.ts';
import { timeOfKey } from '../domain/key-time.ts';
import { dropOf, MACHINE } from '../domain/shard.ts';
import { storedKeyPrefix } from '../domain/stored-key.ts';
import { createHmacSha256 } from './hmac.ts';
import { createPermutation, firstBits } from './permutation.ts';

const BLOCK_BYTES = 16;
const KEY_BYTES = 6;
const GENERATION_BYTES = 3;
/** An id has 4 bytes for a drop or a shard id; the bytes above stay zero. */
const DROPS_MAX = 2 ** 32;
const DROP_TAG = 1;
const ORDER_TAG = 2;
const REFUND_TAG = 3;
const EVENT_TAG = 4;
const CURSOR_TAG = 5;
/** Half of an order's number, in bits. */
const NUMBER_HALF_BITS = 24;
/** Half of an order code at the edge: the shard id, and a number that distinguishes its orders. */
const CODE_HALF_BITS = 26;
const RECENT_MS = 2 * 86_400_000;
/** ECB has no initialisation vector; workerd does not accept null for it. */
const noVector = new Uint8Array(0);
const placedKinds = [
  ['ord_', ORDER_TAG],
  ['drp_', DROP_TAG],
  ['rfd_', REFUND_TAG],
  ['cur_', CURSOR_TAG],
] as const;
/** Tags of ids with a generation; drops and cursors have none. */
const generationTags: ReadonlySet<number> = new Set([ORDER_TAG, REFUND_TAG]);
const encodedBlock = /^[A-Za-z0-9_-]{22}$/;

/** Length of a keyed hash that identifies a customer or a request: 96 bits. */
const DIGEST_CHARACTERS = 16;
/** Length of an order's token, and of an idempotency key's hash: 132 bits. */
const TOKEN_CHARACTERS = 22;

export interface OrderKey {
  dropId: number;
  orderId: number;
}

export interface RefundKey {
  refundId: number;
  /** Shard where the refund began; null: this shard. */
  keyShardId: number | null;
}

export interface Ids {
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
  /** The secret token of an order, derived from its id. */
  orderToken(orderId: string): string;
  isOrderToken(orderId: string, token: string): boolean;
  /** Identifies a customer by their normalised e-mail or phone without containing it. */
  customer(contact: string): string;
  /**
   * Identifies an Idempotency-Key (it may be personal) as stored; never equal to a client's key.
   */
  idempotencyKey(key: string): string;
  /** Identifies an IP address without containing it. */
  address(address: string): string;
  /** Identifies the content of a request without containing it. */
  fingerprint(body: string): string;
  /** Proves that a text is ours: an HMAC with a key for each purpose, the same at every shard. */
  seal(purpose: 'session' | 'csrf' | 'drop file', text: string): string;
}

/**
 * Derives every key from one secret. The shard `shardId` (domain/shard.ts) issues and understands
 * the ids: ids of another shard are invalid to it, and ids of a machine contain 0, because all keys
 * are its own. Ids are a keyed permutation (AES-128, one block) of the integer keys, their
 * generation and zeros: a guessed id decodes to zeros once in 2^24, and to the generation of its
 * key once in 2^48. Without `generationOf`, ids get no generation and any generation is accepted,
 * for callers that only route them.
 */
export function createIds(
  secretKey: string,
  shardId = MACHINE,
  generationOf: GenerationOf | null = null,
): Ids {
  const keyFor = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `stampede ${purpose}`, BLOCK_BYTES));
  // ECB over one block is the permutation itself, and the cipher objects keep no state between
  // blocks.
  const cipher = createCipheriv('aes-128-ecb', keyFor('id'), noVector).setAutoPadding(false);
  const decipher = createDecipheriv('aes-128-ecb', keyFor('id'), noVector).setAutoPadding(false);
  const plain = Buffer.alloc(BLOCK_BYTES);

  const encode = (tag: number, dropId: number, orderId: number): string => {
    if (dropId >= DROPS_MAX) throw new RangeError('The key of the drop is out of range.');
    plain.fill(0);
    plain[0] = tag;
    plain.writeUIntBE(dropId, 1, KEY_BYTES);
    plain.writeUIntBE(orderId, 1 + KEY_BYTES, KEY_BYTES);
    const generation = generationTags.has(tag) ? (generationOf?.('key', orderId) ?? 0) : 0;
    plain.writeUIntBE(generation, 1 + 2 * KEY_BYTES, GENERATION_BYTES);
    return cipher.update(plain).toString('base64url');
  };
  /** `isLost` if another row has the key now. */
  const decode = (tag: number, text: string): (OrderKey & { isLost: boolean }) | null => {
    if (!encodedBlock.test(text)) return null;
    const encoded = Buffer.from(text, 'base64url');
    // 22 characters hold 4 bits more than a block: accept one spelling per id.
    if (encoded.toString('base64url') !== text) return null;
    const block = decipher.update(encoded);
    const dropId = block.readUIntBE(1, KEY_BYTES);
    if (block[0] !== tag || dropId >= DROPS_MAX) return null;
    const orderId = block.readUIntBE(1 + KEY_BYTES, KEY_BYTES);
    const generation = block.readUIntBE(1 + 2 * KEY_BYTES, GENERATION_BYTES);
    if (!generationTags.has(tag)) return generation === 0 ? { dropId, orderId, isLost: false } : null;
    const isLost = generationOf !== null && generation !== generationOf('key', orderId);
    return { dropId, orderId, isLost };
  };
  const unprefixed = (prefix: string, id: string): string =>
    id.startsWith(prefix) ? id.slice(prefix.length) : '';
  // Stored in rows, and never used to authenticate. With another hash, limits, deletions and
  // retries would miss older orders.
  const storedHash = (purpose: string): ((text: string) => string) => {
    const key = keyFor(purpose).toString('base64url');
    return (text) => hash('sha256', `${key}${text}${key}`, 'base64url').slice(0, DIGEST_CHARACTERS);
  };
  const keys = createHmacSha256(keyFor('idempotency key'));
  const tokens = createHmacSha256(keyFor('token'));
  const orderToken = (orderId: string): string => tokens(orderId, 'base64url').slice(0, TOKEN_CHARACTERS);
  const numbers = createPermutation(NUMBER_HALF_BITS, createHmacSha256(keyFor('order number')));
  const codes = createPermutation(CODE_HALF_BITS, createHmacSha256(keyFor('order code')));
  const orderInCode = createHmacSha256(keyFor('order in a code'));
  const seals = {
    session: createHmacSha256(keyFor('session')),
    csrf: createHmacSha256(keyFor('csrf')),
    'drop file': createHmacSha256(keyFor('drop file')),
  };
  const shardIdOfOrderCode = (code: number): number | null => {
    const found = codes.unpermute(code);
    return found === null ? null : Math.floor(found / 2 ** CODE_HALF_BITS);
  };
  const isHere = (of: number): boolean => shardId === MACHINE || of === shardId;
  /** An order of this shard with the key of its drop, even if lost. */
  const orderHere = (id: string): (OrderKey & { isLost: boolean }) | null => {
    const key = decode(ORDER_TAG, unprefixed('ord_', id));
    if (!key || !isHere(key.dropId)) return null;
    return { ...key, dropId: shardId === MACHINE ? key.dropId : dropOf(shardId) };
  };

  return {
    drop: (dropId) => `drp_${encode(DROP_TAG, dropId, 0)}`,
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
    event({ seq, at }) {
      plain.fill(0);
      plain[0] = EVENT_TAG;
      plain.writeUIntBE(shardId, 1, 4);
      plain.writeUIntBE(seq, 5, 5);
      plain.writeUIntBE(generationOf?.('seq', seq) ?? 0, 10, GENERATION_BYTES);
      plain.writeUIntBE(at % 2 ** (8 * GENERATION_BYTES), 13, GENERATION_BYTES);
      return `evt_${cipher.update(plain).toString('base64url')}`;
    },
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
    orderToken,
    isOrderToken: (orderId, token) => {
      const expected = Buffer.from(orderToken(orderId));
      const given = Buffer.from(token);
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
    customer: storedHash('customer'),
    idempotencyKey: (key) => storedKeyPrefix + keys(key, 'base64url').slice(0, TOKEN_CHARACTERS),
    address: storedHash('address'),
    fingerprint: storedHash('fingerprint'),
    seal: (purpose, text) => seals[purpose](text, 'base64url'),
  };
}
