/** An operator's request about one drop: forwarded to its object, or to each of its shards. */
import { isSafeMethod } from '../../http/admin-auth.ts';
import { isJson } from '../../http/json.ts';
import { asReplayed, isReplay } from '../../http/operator-key.ts';
import type { AcrossDrops, DropOperation } from './across-drops.ts';
import type { Forwarding } from './forwarding.ts';
import type { FrontContext } from './operator-routes.ts';

export function createAskDrop(
  { ids, known, answerHere, find, forward, shardIdOfNew }: Forwarding,
  across: AcrossDrops,
) {
  return async (c: FrontContext, operation: DropOperation | null): Promise<Response> => {
    const shardId = await shardIdOfNew(c, c.req.param('id') ?? '');
    const found = shardId === null ? null : await find(c, shardId);
    if (shardId === null || !found || found.shardIds.length === 1) return forward(c, shardId);
    if (operation?.id === 'adminGetDrop') return answerHere(c, c.req.raw, [found.drop]);
    const answer = await across.ofShards(c.req.raw, found.shardIds, operation);
    for (const shard of found.shardIds) known.invalidate(shard);
    const whole = answer.ok && isJson(answer.headers.get('content-type') ?? '') && (await find(c, shardId));
    // A shard shows only its own units, so answer with the whole drop instead.
    if (!whole || isSafeMethod(c.req)) return answer;
    const url = new URL(`/admin/drops/${ids.drop(found.drop.id)}`, c.req.url);
    const asked = new Request(url, { headers: c.req.raw.headers });
    return asReplayed(await answerHere(c, asked, [whole.drop]), isReplay(answer));
  };
}
