/** The subscribers of the event log that the configuration names. */
import type { SubscriberInfo } from '../domain/subscriber-info.ts';
import { checkoutCloser } from './close-checkouts.ts';
import type { ReconcileDeps } from './reconcile-checkout.ts';
import type { Subscriber } from './subscriber.ts';
import { webhookSubscriber, webhookSubscriberName } from './webhooks.ts';

interface SubscriberSettings {
  webhooks: { urls: readonly string[]; secret: string };
  mail: { provider: string | null; smtpUrl: string; apiBase: string | null };
  paymentProviders: readonly string[];
}

/** Null if the provider's name says it. */
const hostOf = ({ smtpUrl, apiBase }: SubscriberSettings['mail']): string | null =>
  URL.canParse(apiBase ?? smtpUrl) ? new URL(apiBase ?? smtpUrl).host : null;

/** The sandbox has no checkouts, and is never combined with other providers. */
const hasCheckouts = ({ paymentProviders }: Pick<SubscriberSettings, 'paymentProviders'>): boolean =>
  !paymentProviders.includes('sandbox');

/** Lists them from the configuration alone. */
export function configuredSubscribers(settings: SubscriberSettings): SubscriberInfo[] {
  const { webhooks, mail } = settings;
  return [
    ...webhooks.urls.map((url) => ({
      name: webhookSubscriberName(url),
      kind: 'webhook' as const,
      target: new URL(url).origin,
    })),
    ...(mail.provider === null
      ? []
      : [{ name: 'mail', kind: 'mail' as const, target: hostOf(mail) ?? mail.provider }]),
    ...(hasCheckouts(settings) ? [{ name: 'checkouts', kind: 'checkouts' as const, target: null }] : []),
  ];
}

/** Creates those that work alike on every runtime: all but mail. */
export const createSubscribers = (
  settings: Pick<SubscriberSettings, 'webhooks' | 'paymentProviders'>,
  deps: ReconcileDeps,
): Subscriber[] => [
  ...settings.webhooks.urls.map((url) => webhookSubscriber({ url, secret: settings.webhooks.secret }, deps)),
  ...(hasCheckouts(settings) ? [checkoutCloser(deps)] : []),
];
