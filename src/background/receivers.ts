/** Who follows the log of a server, told from its configuration alone. */
import type { Receiver } from '../domain/receiver.ts';
import { webhookFollowerName } from './webhooks.ts';

interface Told {
  webhooks: { urls: readonly string[] };
  mail: { smtpUrl: string | null };
  paymentProviders: readonly string[];
}

export function receiversOf({ webhooks, mail, paymentProviders }: Told): Receiver[] {
  return [
    ...webhooks.urls.map((url) => ({
      name: webhookFollowerName(url),
      kind: 'webhook' as const,
      target: new URL(url).origin,
    })),
    ...(mail.smtpUrl === null
      ? []
      : [{ name: 'mail', kind: 'mail' as const, target: new URL(mail.smtpUrl).host }]),
    // The sandbox keeps no checkouts, and where it is, nobody else is.
    ...(paymentProviders.includes('sandbox')
      ? []
      : [{ name: 'checkouts', kind: 'checkouts' as const, target: null }]),
  ];
}
