/** Derives the key of each purpose from the one secret. */
import { hkdfSync } from 'node:crypto';

const KEY_BYTES = 16;

export type KeyFor = (purpose: string) => Buffer;

export const deriveKeys =
  (secretKey: string): KeyFor =>
  (purpose) =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `stampede ${purpose}`, KEY_BYTES));
