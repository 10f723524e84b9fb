/**
 * Chooses the relay for a request: near the client, and one of few, which bounds the load of a
 * drop's objects.
 */
import type { Context } from 'hono';
import { addressIn } from '../address.ts';
import { RELAYS_PER_REGION } from './limits.ts';
import type { ReadContext } from './published-drops.ts';

const regions: Readonly<Record<string, string>> = { NA: 'america', SA: 'america', AS: 'asia', OC: 'asia' };
const otherRegion = 'europe';

/** Returns the region by Cloudflare's location data; a request that was created here has none. */
function regionOf({ cf }: Request): string {
  const continent = cf?.continent;
  return (typeof continent === 'string' ? regions[continent] : undefined) ?? otherRegion;
}

/** The name of the relay for a Worker; `number` is the isolate's. */
const relayOfWorker = (dropId: number, request: Request, number: number): string =>
  [dropId, regionOf(request), number].join(':');

export const dropOfRelay = (name: string): number => Number.parseInt(name, 10);

/** One random number per isolate, so that the relays of a region share the load. */
export const newRelayNumber = (): number => Math.floor(Math.random() * RELAYS_PER_REGION);

/** How a request queries the relays. */
export const readContextOf = (c: Context, number: number): ReadContext => ({
  relayOf: (dropId) => relayOfWorker(dropId, c.req.raw, number),
  waitUntil: (work) => c.executionCtx.waitUntil(work),
});

/**
 * The name of the relay for a client's live streams: always the same one for an address, because
 * the relay counts them.
 */
export function relayOfListener(dropId: number, request: Request, isolateNumber: number): string {
  const address = addressIn(request.headers);
  if (address === null) return relayOfWorker(dropId, request, isolateNumber);
  let sum = 0;
  for (const character of address) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0x1_0000;
  return relayOfWorker(dropId, request, sum % RELAYS_PER_REGION);
}
