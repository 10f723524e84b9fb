/** GET /admin/followers: who is told what happens, and how far behind the log each of them is. */
import * as v from 'valibot';
import { logReads } from '../database/log-reads.ts';
import { SLUG_CHARACTERS_MAX } from '../limits.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { check, json } from './json.ts';
import { line } from './schema.ts';
import { subscriberStates } from './subscribers.ts';

export const followerListQuery = v.strictObject({
  dropId: v.optional(
    line(SLUG_CHARACTERS_MAX, 'On Workers: the drop whose log is meant, because each has its own'),
  ),
});

const seq = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const follower = v.object({
  name: v.pipe(
    v.string(),
    v.metadata({
      description: 'Under which its place in the log is kept',
      examples: ['webhook:0f3a9c1e5b7d2468'],
    }),
  ),
  kind: v.picklist(['webhook', 'mail', 'checkouts', 'catalogue']),
  target: v.pipe(v.nullable(v.string()), v.description('Where it is told, without what may be secret')),
  isConfigured: v.pipe(v.boolean(), v.description('Whether the server still tells it')),
  lastSeq: v.nullable(
    seq('All events up to this one are delivered, parked or given up; null: it has not begun'),
  ),
  eventsBehind: v.nullable(seq('Events of the log after that one')),
  oldestWaitingAt: v.pipe(v.nullable(v.string()), v.description('Time of the oldest of them')),
  late: seq('Deliveries that are parked, because their own recipients refuse them for now'),
});
export const followerList = v.object({
  headSeq: seq('Number of the last event in the log'),
  followers: v.array(follower),
});

export function adminFollowerRoutes(deps: Deps): AdminRoute[] {
  const followers = (headSeq: number): v.InferOutput<typeof follower>[] =>
    subscriberStates(deps).map(({ lastSeq, oldestWaitingAt, ...state }) => ({
      ...state,
      lastSeq,
      eventsBehind: lastSeq === null ? null : Math.max(0, headSeq - lastSeq),
      oldestWaitingAt: oldestWaitingAt === null ? null : new Date(oldestWaitingAt).toISOString(),
    }));
  return [
    {
      method: 'GET',
      path: '/admin/followers',
      scope: 'audit:read',
      handle(c) {
        const query = check(followerListQuery, c.req.query());
        if (query instanceof Response) return query;
        const headSeq = logReads(deps.db).lastSeq();
        return json({ headSeq, followers: followers(headSeq) });
      },
    },
  ];
}
