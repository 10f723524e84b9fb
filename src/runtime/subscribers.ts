/** Starts the subscribers of the event log in this process, and the mails with lost links. */
import { checkoutCloser } from '../background/close-checkouts.ts';
import { deliverEvents } from '../background/deliver-events.ts';
import { type LinkMails, mailRequestedLinks } from '../background/link-mails.ts';
import { mailSubscriber } from '../background/mail.ts';
import type { ReconcileDeps } from '../background/reconcile-checkout.ts';
import type { DeliveryDeps, Subscriber } from '../background/subscriber.ts';
import { webhookSubscriber } from '../background/webhooks.ts';
import type { Config } from '../config/config.ts';
import { openMailSender } from './mail-sender.ts';

export type SubscribersDeps = ReconcileDeps & DeliveryDeps & { publicUrl: () => string };

/** Returns the function that stops them all. */
export async function startSubscribers(
  { webhooks, mail, paymentProviders }: Config,
  deps: SubscribersDeps,
): Promise<() => Promise<void>> {
  const subscribers: Subscriber[] = webhooks.urls.map((url) =>
    webhookSubscriber({ url, secret: webhooks.secret }, deps),
  );
  // The sandbox keeps no checkouts, and it is never configured next to another provider.
  if (!paymentProviders.includes('sandbox')) subscribers.push(checkoutCloser(deps));
  const sender = await openMailSender(mail);
  let linkMails: LinkMails | null = null;
  if (sender) {
    const { operatorEmail, holds: isHoldMailOn } = mail;
    const mailed = mailSubscriber({ ...deps, sendMail: sender.sendMail, operatorEmail, isHoldMailOn });
    subscribers.push(mailed);
    linkMails = mailRequestedLinks(mailed, deps);
  }
  const deliveries = await Promise.all(subscribers.map((subscriber) => deliverEvents(subscriber, deps)));
  return async () => {
    await Promise.all([...deliveries.map((each) => each.stop()), linkMails?.stop()]);
    sender?.close();
  };
}
