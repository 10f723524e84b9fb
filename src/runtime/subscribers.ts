/** Starts the subscribers of the event log in this process, and the mails with lost links. */
import { createSubscribers } from '../background/configured-subscribers.ts';
import { deliverEvents } from '../background/deliver-events.ts';
import { type LinkMails, mailRequestedLinks } from '../background/link-mails.ts';
import { mailSubscriber } from '../background/mail.ts';
import { openMailSender } from '../background/mail-sender.ts';
import type { ReconcileDeps } from '../background/reconcile-checkout.ts';
import type { DeliveryDeps } from '../background/subscriber.ts';
import type { Config } from '../config/config.ts';

export type SubscribersDeps = ReconcileDeps & DeliveryDeps & { publicUrl: () => string };

/** Returns the function that stops them all. */
export async function startSubscribers(config: Config, deps: SubscribersDeps): Promise<() => Promise<void>> {
  const { mail } = config;
  const subscribers = createSubscribers(config, deps);
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
