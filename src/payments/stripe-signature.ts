/** Verifies the signatures of Stripe's webhooks. */
import Stripe from 'stripe';
import { WEBHOOK_AGE_MAX_MS } from '../limits.ts';

/** The time in a signature header, in epoch milliseconds; NaN if it has several. */
function signedAt(header: string): number {
  const times = header.split(',').filter((item) => item.split('=')[0] === 't');
  return times.length === 1 ? Number(times[0]?.slice('t='.length)) * 1000 : Number.NaN;
}

/** Whether Stripe signed these bytes recently. Unlike `constructEventAsync`, takes thin events. */
export function createSignatureCheck({ webhooks }: Stripe, secret: string) {
  const cryptoProvider = Stripe.createSubtleCryptoProvider();
  const toleranceSeconds = WEBHOOK_AGE_MAX_MS / 1000;
  return async (body: string, header: string, now: number): Promise<boolean> => {
    // The SDK rejects old signatures, but accepts future ones.
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
