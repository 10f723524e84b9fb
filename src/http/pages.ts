/** The pages of buyers: server-rendered, useful without script. */
import { Hono } from 'hono';
import { orderPage } from '../pages/order-page.ts';
import { samplePicture } from '../pages/sample-picture.ts';
import type { Deps } from './deps.ts';
import { problem } from './problem.ts';

const orderId = /^ord_[A-Za-z0-9_-]{22}$/;

export function pageRoutes({ publicUrl }: Deps) {
  return new Hono()
    .get('/o/:id', (c) => {
      const id = c.req.param('id');
      return orderId.test(id) ? orderPage(id, publicUrl()) : problem('not_found');
    })
    .get('/images/sample-sneaker.svg', () => samplePicture());
}
