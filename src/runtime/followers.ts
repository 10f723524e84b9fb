/** Starts whoever follows the event log in this process. */
import { checkoutCloser } from '../background/close-checkouts.ts';
import { type FollowDeps, type Follower, follow } from '../background/follow.ts';
import type { SettleDeps } from '../background/settle-checkout.ts';

/** Returns the function that ends them all. */
export function startFollowers(deps: SettleDeps & FollowDeps): () => Promise<void> {
  const followers: Follower[] = [];
  // The sandbox keeps no checkouts, and where it is, nobody else is.
  if (!deps.providers.has('sandbox')) followers.push(checkoutCloser(deps));
  const following = followers.map((follower) => follow(follower, deps));
  return async () => {
    await Promise.all(following.map((each) => each.stop()));
  };
}
