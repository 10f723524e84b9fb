/** HMAC-SHA-256 (RFC 2104) with two one-shot hashes: five times as fast as `createHmac`. */
import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
/** Texts up to this size are hashed without a buffer of their own. */
const SHORT_TEXT_BYTES = 1024;

/** The HMAC of a text, as text, because bytes would take twice as long. */
export type Hmac = (text: string, encoding: 'base64url' | 'hex') => string;

/** The HMAC of texts under one key, which must not be longer than a block of SHA-256. */
export function createHmacSha256(key: Uint8Array): Hmac {
  if (key.length > BLOCK_BYTES) throw new RangeError(`The key is longer than ${BLOCK_BYTES} bytes.`);
  const padded = (pad: number, more: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES + more, 0);
    block.set(key);
    for (let index = 0; index < BLOCK_BYTES; index += 1) block[index] = (block[index] ?? 0) ^ pad;
    return block;
  };
  const inner = padded(0x36, SHORT_TEXT_BYTES);
  const outer = padded(0x5c, HASH_BYTES);
  /** The start of `inner`, by the bytes of the text. Kept: making one costs as much as a hash. */
  const starts: Buffer[] = [];
  const startWith = (bytes: number): Buffer => {
    starts[bytes] ??= inner.subarray(0, BLOCK_BYTES + bytes);
    return starts[bytes];
  };
  return (text, encoding) => {
    // A UTF-16 unit has at most 3 bytes in UTF-8.
    const isShort = text.length * 3 <= SHORT_TEXT_BYTES;
    const message = isShort
      ? startWith(inner.write(text, BLOCK_BYTES))
      : Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(text)]);
    outer.write(hash('sha256', message, 'binary'), BLOCK_BYTES, 'binary');
    return hash('sha256', outer, encoding);
  };
}
