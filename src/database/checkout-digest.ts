/** The digest of a checkout's address, which the event log stores instead of the address. */
import { createHash } from 'node:crypto';
import type { RecordCheckout } from '../domain/command.ts';

type Target = Pick<RecordCheckout, 'provider' | 'reference' | 'url' | 'expiresAt'>;

/**
 * Returns a digest of a checkout's target. Its address can open the payment page, so it is not
 * logged.
 */
export const checkoutDigest = ({ provider, reference, url, expiresAt }: Target): string =>
  createHash('sha256')
    .update(JSON.stringify([provider, reference, url, expiresAt]))
    .digest('hex');
