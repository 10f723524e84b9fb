/** Warns about drops on offer that no configured payment provider can charge. */
import { type Drop, isOnOffer } from '../domain/drop.ts';
import type { Log } from '../log.ts';
import { type Providers, whyUnpayable } from './chargeable.ts';

/**
 * Logs the drops. Publishing checks prices, but providers may have changed, or the drop was moved
 * here.
 */
export function warnOfUnpayableDrops(
  drops: readonly Drop[],
  providers: Providers,
  now: number,
  log: Log,
): void {
  for (const drop of drops) {
    const reason = isOnOffer(drop, now) ? whyUnpayable(providers, drop) : null;
    if (reason !== null)
      log.warn(
        { slug: drop.slug, reason },
        'no payment provider can charge this drop: purchases are refused',
      );
  }
}
