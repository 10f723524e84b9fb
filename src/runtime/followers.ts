/** Starts the subscribers of the event log in this process, and what mails lost links. */
import { checkoutCloser } from '../background/close-checkouts.ts';
import { follow } from '../background/follow.ts';
import type { FollowDeps, Follower } from '../background/follower.ts';
import { type LinkLetters, mailRequestedLinks } from '../background/link-letters.ts';
import { mailFollower } from '../background/mail.ts';
import type { SettleDeps } from '../background/settle-checkout.ts';
import { webhookFollower } from '../background/webhooks.ts';
import type { Config } from '../config/config.ts';
import { openMailSender } from './mail-sender.ts';

export type FollowersDeps = SettleDeps & FollowDeps & { publicUrl: () => string };

/** Returns the function that ends them all. */
export async function startFollowers(
  { webhooks, mail, paymentProviders }: Config,
  deps: FollowersDeps,
): Promise<() => Promise<void>> {
  const followers: Follower[] = webhooks.urls.map((url) =>
    webhookFollower({ url, secret: webhooks.secret }, deps),
  );
  // The sandbox keeps no checkouts, and where it is, nobody else is.
  if (!paymentProviders.includes('sandbox')) followers.push(checkoutCloser(deps));
  const sender = await openMailSender(mail);
  let linkLetters: LinkLetters | null = null;
  if (sender) {
    const { operatorEmail, holds: isHoldMailOn } = mail;
    const mailed = mailFollower({ ...deps, sendMail: sender.sendMail, operatorEmail, isHoldMailOn });
    followers.push(mailed);
    linkLetters = mailRequestedLinks(mailed, deps);
  }
  const following = await Promise.all(followers.map((follower) => follow(follower, deps)));
  return async () => {
    await Promise.all([...following.map((each) => each.stop()), linkLetters?.stop()]);
    sender?.close();
  };
}
