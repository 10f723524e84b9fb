/**
 * Lost links on Workers: one object keeps all requests, and the e-mail lists orders of every shard.
 */

import { type Draft, type FoundOrders, linksDraft } from '../../background/event-mails.ts';
import type { Delivery } from '../../background/subscriber.ts';
import { UNCLAIMED } from '../../domain/shard.ts';
import { MAIL_ORDERS_MAX } from '../../limits.ts';
import type { QueuedLinks } from '../mail/queued.ts';
import type { DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';

/** Objects that are queried concurrently for a customer's orders. */
const CONCURRENCY = 6;

/**
 * Uses one object, so that the limit on link e-mails to a customer holds across all drops. Every
 * deployment has this object.
 */
export async function requestLinksAt(objects: Objects<DropObject>, recipient: string): Promise<void> {
  await objects.call(UNCLAIMED, (stub) => stub.open(UNCLAIMED), true);
  await objects.call(UNCLAIMED, (stub) => stub.requestLinks(recipient), false);
}

export const endLinks = (objects: Objects<DropObject>, { shardId, links }: QueuedLinks): Promise<void> =>
  objects.call(shardId, (stub) => stub.endLinks(links), true);

/**
 * Returns the e-mail for a request. Queries only the objects of `shardIdsOf`, because each query
 * wakes one. `done` if the request has ended, or the customer has no orders.
 */
export async function composeLinksMail(
  { shardId, links }: QueuedLinks,
  objects: Objects<DropObject>,
  shardIdsOf: (customer: string) => Promise<readonly number[]>,
  publicUrl: string,
): Promise<Draft | Delivery> {
  const customer = await objects.call(shardId, async (stub) => stub.linkRecipient(links), true);
  if (customer === null) return 'done';
  const left = [...(await shardIdsOf(customer))];
  const found: FoundOrders[] = [];
  const askOn = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const here: FoundOrders | null = await objects.call(
        next,
        async (stub) => stub.ordersOf(customer),
        true,
      );
      if (here) found.push(here);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, askOn));
  const orders = found
    .flatMap((one) => one.orders)
    .sort((one, other) => other.createdAt - one.createdAt)
    .slice(0, MAIL_ORDERS_MAX);
  const [newest] = orders;
  const to = found.find((one) => newest && one.orders.includes(newest))?.to;
  if (to === undefined) return 'done';
  return linksDraft(`links.${links.at}.${links.id}`, { to, orders }, publicUrl);
}
