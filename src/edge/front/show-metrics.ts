/** GET /metrics of the Worker in front: of one object, of a drop's shards, or of all drops. */
import type { Config } from '../../config/config.ts';
import type { Log } from '../../log.ts';
import { edgeClock as clock } from '../clock.ts';
import { EdgeMetrics } from '../metrics.ts';
import type { Forwarding } from './forwarding.ts';
import type { FrontContext } from './operator-routes.ts';

export function createShowMetrics(
  { objects, frontApp, catalogueFor, find, findShardId, forward, readList }: Forwarding,
  env: Env,
  config: Config,
  log: Log,
) {
  const queue = config.mail.provider === null ? null : env.MAIL_QUEUE;
  const metrics = new EdgeMetrics({ askObject: objects.forward.bind(objects), queue, clock, log });
  // Queries objects for an operator only: otherwise any client could wake all of them.
  return async (c: FrontContext): Promise<Response> => {
    const shardId = await findShardId(c, c.req.query('dropId') ?? '');
    const found = typeof shardId === 'number' ? await find(c, shardId) : null;
    if (found?.shardIds.length === 1) return forward(c, found.shardIds[0] ?? null);
    const drops = found ? [found.drop] : await readList(c);
    if (!frontApp.isOperator(c)) return metrics.forAnyone(drops);
    if (found) return metrics.ofDrop(c.req.url, found.drop, found.shardIds);
    return metrics.ofAll(c.req.url, drops, await catalogueFor(c).shardIds());
  };
}
