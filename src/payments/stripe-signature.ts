/** Verifies the signatures of Stripe's webhooks. */
import Stripe from 'stripe';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';

/** The time that a signature header names, in epoch milliseconds; NaN where it names several: the SDK would take the last. */
function signedAt(header: string): number {
  const times = header.split(',').filter((item) => item.split('=')[0] === 't');
  return times.length === 1 ? Number(times[0]?.slice('t='.length)) * 1000 : Number.NaN;
}

/** Whether Stripe signed these bytes, and lately. Unlike the SDK's `constructEventAsync` it takes thin events too. */
export function createSignatureCheck({ webhooks }: Stripe, secret: string) {
  const cryptoProvider = Stripe.createSubtleCryptoProvider();
  const toleranceSeconds = WEBHOOK_AGE_MAX_MS / 1000;
  return async (body: string, header: string, now: number): Promise<boolean> => {
    // The SDK refuses what is too old, and takes what is dated in the future.
    if (!(signedAt(header) <= now + WEBHOOK_AGE_MAX_MS)) return false;
    const { signature } = webhooks;
    try {
      const verified = signature?.verifyHeaderAsync(
        body,
        header,
        secret,
        toleranceSeconds,
        cryptoProvider,
        now,
      );
      return (await verified) === true;
    } catch {
      return false;
    }
  };
}
