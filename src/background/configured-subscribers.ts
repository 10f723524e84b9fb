/** Lists the subscribers of the event log from the configuration alone. */
import type { SubscriberInfo } from '../domain/subscriber-info.ts';
import { webhookSubscriberName } from './webhooks.ts';

interface SubscriberSettings {
  webhooks: { urls: readonly string[] };
  mail: { provider: string | null; smtpUrl: string; apiBase: string | null };
  paymentProviders: readonly string[];
}

/** Null if the provider's name says it. */
const hostOf = ({ smtpUrl, apiBase }: SubscriberSettings['mail']): string | null =>
  URL.canParse(apiBase ?? smtpUrl) ? new URL(apiBase ?? smtpUrl).host : null;

export function configuredSubscribers({
  webhooks,
  mail,
  paymentProviders,
}: SubscriberSettings): SubscriberInfo[] {
  return [
    ...webhooks.urls.map((url) => ({
      name: webhookSubscriberName(url),
      kind: 'webhook' as const,
      target: new URL(url).origin,
    })),
    ...(mail.provider === null
      ? []
      : [{ name: 'mail', kind: 'mail' as const, target: hostOf(mail) ?? mail.provider }]),
    // The sandbox has no checkouts, and is never combined with other providers.
    ...(paymentProviders.includes('sandbox')
      ? []
      : [{ name: 'checkouts', kind: 'checkouts' as const, target: null }]),
  ];
}
