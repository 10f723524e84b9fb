/** Drops as the Worker in front shows them: from published state, without calling an object. */
import { dropOf } from '../../domain/shard.ts';
import { relayOfListener } from '../relay/relays.ts';
import { type Forwarding, waitUntilOf } from './forwarding.ts';
import type { FrontContext } from './operator-routes.ts';
import { sourcesOfShopPage } from './shop-page.ts';

type SendBy = (c: FrontContext) => (request: Request) => Promise<Response>;

/** `sendBy` answers a page's API requests. */
export function createShownDrops(forwarding: Forwarding, sendBy: SendBy) {
  const { ids, objects, relays, relayNumber, list, frontApp } = forwarding;
  const { answerHere, bookmarkOf, catalogueFor, findDrop, findShardId } = forwarding;
  return {
    /** Shows a drop from the state that its objects have published. */
    async showDrop(c: FrontContext): Promise<Response> {
      const found = await findDrop(c);
      return found instanceof Response ? found : answerHere(c, c.req.raw, found ? [found.drop] : []);
    },
    async streamStock(c: FrontContext): Promise<Response> {
      const shardId = await findShardId(c, c.req.param('id') ?? '');
      if (shardId === null || shardId instanceof Response) return shardId ?? answerHere(c, c.req.raw);
      return relays.forward(relayOfListener(dropOf(shardId), c.req.raw, relayNumber), c.req.raw);
    },
    async showShopPage(c: FrontContext): Promise<Response> {
      const found = await findDrop(c);
      if (found === null || found instanceof Response) return found ?? answerHere(c, c.req.raw);
      const pages = await sourcesOfShopPage(c, ids, objects, sendBy(c));
      return frontApp.answer(c.req.raw, [found.drop], catalogueFor(c), pages);
    },

    async listDrops(c: FrontContext): Promise<Response> {
      const catalogue = catalogueFor(c);
      // Operators see every drop, and with a bookmark at least the state that it names.
      if (c.req.path === '/admin/drops') return frontApp.answer(c.req.raw, await catalogue.list(), catalogue);
      const drops = bookmarkOf(c) ? list.read(catalogue) : list.shared(catalogue, waitUntilOf(c));
      return frontApp.answer(c.req.raw, await drops, catalogue);
    },
  };
}
