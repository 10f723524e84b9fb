/** The block behind a public id: a keyed permutation of its tag, its keys and its generation. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { GenerationOf } from '../domain/generation.ts';

const BLOCK_BYTES = 16;
const KEY_BYTES = 6;
const GENERATION_BYTES = 3;
/** An id has 4 bytes for a drop or a shard id; the bytes above stay zero. */
const DROPS_MAX = 2 ** 32;
export const DROP_TAG = 1;
export const ORDER_TAG = 2;
export const REFUND_TAG = 3;
const EVENT_TAG = 4;
export const CURSOR_TAG = 5;
/** ECB has no initialisation vector; workerd does not accept null for it. */
const noVector = new Uint8Array(0);
/** Tags of ids with a generation; drops and cursors have none. */
const generationTags: ReadonlySet<number> = new Set([ORDER_TAG, REFUND_TAG]);
const encodedBlock = /^[A-Za-z0-9_-]{22}$/;

export interface DecodedId {
  /** The drop's key, or the shard id. */
  dropId: number;
  orderId: number;
  /** Another row has the key now. */
  isLost: boolean;
}

export interface IdBlocks {
  encode(tag: number, dropId: number, orderId: number): string;
  /** Null if the text is no block of this tag. */
  decode(tag: number, text: string): DecodedId | null;
  encodeEvent(shardId: number, event: { seq: number; at: number }): string;
}

/**
 * AES-128 over one block with zeros in it: a guessed id decodes to zeros once in 2^24, and to the
 * generation of its key once in 2^48.
 */
export function createIdBlocks(key: Uint8Array, generationOf: GenerationOf | null): IdBlocks {
  // ECB over one block is the permutation itself, and the cipher objects keep no state between
  // blocks.
  const cipher = createCipheriv('aes-128-ecb', key, noVector).setAutoPadding(false);
  const decipher = createDecipheriv('aes-128-ecb', key, noVector).setAutoPadding(false);
  const plain = Buffer.alloc(BLOCK_BYTES);
  return {
    encode(tag, dropId, orderId) {
      if (dropId >= DROPS_MAX) throw new RangeError('The key of the drop is out of range.');
      plain.fill(0);
      plain[0] = tag;
      plain.writeUIntBE(dropId, 1, KEY_BYTES);
      plain.writeUIntBE(orderId, 1 + KEY_BYTES, KEY_BYTES);
      const generation = generationTags.has(tag) ? (generationOf?.('key', orderId) ?? 0) : 0;
      plain.writeUIntBE(generation, 1 + 2 * KEY_BYTES, GENERATION_BYTES);
      return cipher.update(plain).toString('base64url');
    },
    decode(tag, text) {
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
    },
    encodeEvent(shardId, { seq, at }) {
      plain.fill(0);
      plain[0] = EVENT_TAG;
      plain.writeUIntBE(shardId, 1, 4);
      plain.writeUIntBE(seq, 5, 5);
      plain.writeUIntBE(generationOf?.('seq', seq) ?? 0, 10, GENERATION_BYTES);
      plain.writeUIntBE(at % 2 ** (8 * GENERATION_BYTES), 13, GENERATION_BYTES);
      return cipher.update(plain).toString('base64url');
    },
  };
}
