/** Warns about drops that are on offer and that no configured payment provider can charge. */
import { type Drop, isOnOffer } from '../domain/drop.ts';
import type { Log } from '../log.ts';
import { type Providers, whyUnpayable } from '../payments/chargeable.ts';

/** Prices were checked when they were published; the providers may be others since, or the drop was moved here. */
export function warnOfUnpayableDrops(
  drops: readonly Drop[],
  providers: Providers,
  now: number,
  log: Log,
): void {
  for (const drop of drops) {
    const reason = isOnOffer(drop, now) ? whyUnpayable(providers, drop) : null;
    if (reason !== null) log.warn({ slug: drop.slug, reason }, 'buyers can’t pay: purchases are refused');
  }
}
