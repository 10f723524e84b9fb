/** The digest of a checkout's address, which the event log keeps in place of the address. */
import { createHash } from 'node:crypto';
import type { RecordCheckout } from '../domain/command.ts';

type Target = Pick<RecordCheckout, 'provider' | 'reference' | 'url' | 'expiresAt'>;

/** What the log keeps of where a checkout leads: its address may open the payment page, so the log has only a digest. */
export const checkoutDigest = ({ provider, reference, url, expiresAt }: Target): string =>
  createHash('sha256')
    .update(JSON.stringify([provider, reference, url, expiresAt]))
    .digest('hex');
