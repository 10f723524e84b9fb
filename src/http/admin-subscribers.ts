/** GET /admin/subscribers: event subscribers and their lag. */
import * as v from 'valibot';
import { logReads } from '../database/log-reads.ts';
import { SLUG_CHARACTERS_MAX } from '../limits.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { operatorOperations } from './operation.ts';
import { line } from './schema.ts';
import { subscriberStates } from './subscribers.ts';

const subscriberListQuery = v.strictObject({
  dropId: v.optional(
    line(
      SLUG_CHARACTERS_MAX,
      'On Workers: the drop whose subscribers to list, because each drop has its own',
    ),
  ),
});

const seq = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const subscriber = v.object({
  name: v.pipe(
    v.string(),
    v.metadata({
      description: 'Name under which its position in the log is stored',
      examples: ['webhook:0f3a9c1e5b7d2468'],
    }),
  ),
  kind: v.picklist(['webhook', 'mail', 'checkouts', 'catalogue']),
  target: v.pipe(v.nullable(v.string()), v.description('Where events are delivered, without secrets')),
  isConfigured: v.pipe(v.boolean(), v.description('Whether the server still delivers to it')),
  lastSeq: v.nullable(
    seq('All events up to this one are delivered, deferred or given up; null: not started'),
  ),
  eventsBehind: v.nullable(seq('Number of events after `lastSeq`')),
  oldestWaitingAt: v.pipe(v.nullable(v.string()), v.description('Time of the oldest undelivered event')),
  deferred: seq('Deliveries that are deferred because their recipients refuse them for now'),
});
const subscriberList = v.object({
  headSeq: seq('Number of the last event in the log'),
  subscribers: v.array(subscriber),
});

export const adminSubscriberOperations = operatorOperations([
  {
    id: 'listSubscribers',
    method: 'get',
    path: '/admin/subscribers',
    summary: 'List event subscribers and their lag',
    access: 'audit:read',
    page: { path: '/admin/ui/webhooks' },
    query: subscriberListQuery,
    answers: [{ status: 200, description: 'The subscribers.', schema: subscriberList }],
    refusals: [],
  },
]);

export function adminSubscriberRoutes(deps: Deps): OperatorRoute[] {
  const subscribers = (headSeq: number): v.InferOutput<typeof subscriber>[] =>
    subscriberStates(deps).map(({ lastSeq, oldestWaitingAt, ...state }) => ({
      ...state,
      lastSeq,
      eventsBehind: lastSeq === null ? null : Math.max(0, headSeq - lastSeq),
      oldestWaitingAt: oldestWaitingAt === null ? null : new Date(oldestWaitingAt).toISOString(),
    }));
  return operatorRoutes(adminSubscriberOperations, {
    listSubscribers({ readQuery }) {
      const query = readQuery();
      if (query instanceof Response) return query;
      const headSeq = logReads(deps.db).lastSeq();
      return json({ headSeq, subscribers: subscribers(headSeq) });
    },
  });
}
