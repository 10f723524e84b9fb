/** Keyed hashes: tokens of orders, seals, and what identifies a person without naming them. */
import { hash, timingSafeEqual } from 'node:crypto';
import { storedKeyPrefix } from '../domain/stored-key.ts';
import type { KeyFor } from './derived-key.ts';
import { createHmacSha256 } from './hmac.ts';

/** Length of a keyed hash that identifies a customer or a request: 96 bits. */
const DIGEST_CHARACTERS = 16;
/** Length of an order's token, and of an idempotency key's hash: 132 bits. */
const TOKEN_CHARACTERS = 22;

export interface KeyedHashes {
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

export function createKeyedHashes(keyFor: KeyFor): KeyedHashes {
  // Stored in rows, and never used to authenticate. With another hash, limits, deletions and
  // retries would miss older orders.
  const storedHash = (purpose: string): ((text: string) => string) => {
    const key = keyFor(purpose).toString('base64url');
    return (text) => hash('sha256', `${key}${text}${key}`, 'base64url').slice(0, DIGEST_CHARACTERS);
  };
  const keys = createHmacSha256(keyFor('idempotency key'));
  const tokens = createHmacSha256(keyFor('token'));
  const orderToken = (orderId: string): string => tokens(orderId, 'base64url').slice(0, TOKEN_CHARACTERS);
  const seals = {
    session: createHmacSha256(keyFor('session')),
    csrf: createHmacSha256(keyFor('csrf')),
    'drop file': createHmacSha256(keyFor('drop file')),
  };
  return {
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
