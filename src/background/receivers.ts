/** Who follows the log of a server, told from its configuration alone. */
import type { Receiver } from '../domain/receiver.ts';
import { webhookFollowerName } from './webhooks.ts';

interface Told {
  webhooks: { urls: readonly string[] };
  mail: { provider: string | null; smtpUrl: string; apiBase: string | null };
  paymentProviders: readonly string[];
}

/** Null where the provider's name says it. */
const hostOf = ({ smtpUrl, apiBase }: Told['mail']): string | null =>
  URL.canParse(apiBase ?? smtpUrl) ? new URL(apiBase ?? smtpUrl).host : null;

export function receiversOf({ webhooks, mail, paymentProviders }: Told): Receiver[] {
  return [
    ...webhooks.urls.map((url) => ({
      name: webhookFollowerName(url),
      kind: 'webhook' as const,
      target: new URL(url).origin,
    })),
    ...(mail.provider === null
      ? []
      : [{ name: 'mail', kind: 'mail' as const, target: hostOf(mail) ?? mail.provider }]),
    // The sandbox keeps no checkouts, and where it is, nobody else is.
    ...(paymentProviders.includes('sandbox')
      ? []
      : [{ name: 'checkouts', kind: 'checkouts' as const, target: null }]),
  ];
}
