/**
 * Renders a drop's page in the Worker with the stock of all shards; calls an object only for the
 * buyer's order.
 */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { OrderWithMoney } from '../../database/order-reads.ts';
import { hasCookies, openCookie } from '../../http/drop-cookies.ts';
import type { Ids } from '../../ids/ids.ts';
import type { DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';
import type { PageSources } from './app.ts';

/**
 * Collects what one page gets from objects. `send` goes through the Worker, which knows the
 * customer's shard.
 */
export async function sourcesOfShopPage(
  c: Context<{ Bindings: Env }>,
  ids: Ids,
  objects: Objects<DropObject>,
  send: (request: Request) => Promise<Response>,
): Promise<PageSources> {
  const orders = new Map<number, OrderWithMoney>();
  const readOrder = async (id: string): Promise<void> => {
    const [key, shardId] = [ids.parseOrder(id), ids.shardIdOf(id)];
    if (!key || shardId === null) return;
    const order = await objects
      .call(shardId, async (stub) => stub.order(key.orderId), true)
      // Show the page without its link to the order rather than fail.
      .catch(() => null);
    if (order) orders.set(key.orderId, order);
  };
  await readOrder(getCookie(c, openCookie) ?? '');
  return {
    async sendToApi(request) {
      // Copying a request loses Cloudflare's location data, so pass it on.
      const { cf } = c.req.raw;
      const answer = await send(new Request(request, cf && { cf }));
      // In a browser without cookies, the order itself is the page.
      if (answer.status !== 201 || hasCookies(c)) return answer;
      const { order } = await answer.clone().json<{ order: { id: string } }>();
      await readOrder(order.id);
      return answer;
    },
    orderHere: (orderId) => orders.get(orderId),
  };
}
