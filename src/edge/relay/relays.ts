/** Which relay of a drop a request is for: near the client, and of so few that they never ask a drop's objects too much. */
import type { Context } from 'hono';
import { addressIn } from '../address.ts';
import { RELAYS_PER_REGION } from './limits.ts';
import type { Visit } from './published-drops.ts';

const regions: Readonly<Record<string, string>> = { NA: 'america', SA: 'america', AS: 'asia', OC: 'asia' };
const otherRegion = 'europe';

/** Cloudflare says where a request comes from; a request that is made here says nothing. */
function regionOf({ cf }: Request): string {
  const continent = cf?.continent;
  return (typeof continent === 'string' ? regions[continent] : undefined) ?? otherRegion;
}

/** The relay that a Worker asks; `number` is the isolate's. */
const relayOfWorker = (dropId: number, request: Request, number: number): string =>
  [dropId, regionOf(request), number].join(':');

export const dropOfRelay = (name: string): number => Number.parseInt(name, 10);

/** Each isolate keeps to one number, so that all numbers are asked about as much. */
export const newRelayNumber = (): number => Math.floor(Math.random() * RELAYS_PER_REGION);

/** How a request asks the relays. */
export const visitOf = (c: Context, number: number): Visit => ({
  relayOf: (dropId) => relayOfWorker(dropId, c.req.raw, number),
  waitUntil: (work) => c.executionCtx.waitUntil(work),
});

/** The relay that has the live streams of a client: one for each address, because it counts them. */
export function relayOfListener(dropId: number, request: Request, isolateNumber: number): string {
  const address = addressIn(request.headers);
  if (address === null) return relayOfWorker(dropId, request, isolateNumber);
  let sum = 0;
  for (const character of address) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 0x1_0000;
  return relayOfWorker(dropId, request, sum % RELAYS_PER_REGION);
}
