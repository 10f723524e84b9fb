/** GET /metrics: counters, and the current state of the server. */
import type { Context, MiddlewareHandler } from 'hono';
import type { RouterRoute } from 'hono/types';
import type { DatabaseStatus, Tallies } from '../database/shop-database.ts';
import { availableUnits, type Drop, phaseOf } from '../domain/drop.ts';
import { disputeStatuses, orderTransitions, refundStatuses } from '../domain/order.ts';
import { priorities } from '../domain/priority.ts';
import { METRICS_AGE_MS } from '../limits.ts';
import { addUp, labelSeparator } from '../metrics.ts';
import { answeredRoute } from './answered-route.ts';
import type { Deps } from './deps.ts';
import { withPresets } from './metric-presets.ts';
import { type Family, metricsText, type Sample } from './metrics-text.ts';
import { publicOperations } from './operation.ts';
import { codeOf } from './problem.ts';
import { publicRoutes } from './public-routes.ts';
import { subscriberFamilies } from './subscribers.ts';

export const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `stampede_${name}`,
  type: 'gauge',
  help,
  samples,
});
const one = (value: number): Sample[] => [{ value }];

/** Counts and times one request by its route pattern, because each path would be its own series. */
export function countRequest(
  { db: { metrics }, clock }: Pick<Deps, 'db' | 'clock'>,
  { method, route, outcome, begunMs }: { method: string; route: string; outcome: string; begunMs: number },
): void {
  metrics.count('stampede_http_requests_total', method + labelSeparator + route + labelSeparator + outcome);
  metrics.observe('stampede_http_request_seconds', (clock.monotonicMs() - begunMs) / 1000, route);
}

/** How metrics name the outcome of a request. */
export const outcomeOf = (response: Response): string =>
  response.status < 400 ? 'ok' : (codeOf(response) ?? `status_${response.status}`);

export function measured(deps: Pick<Deps, 'db' | 'clock'>): MiddlewareHandler {
  return async (c: Context, next) => {
    const begunMs = deps.clock.monotonicMs();
    await next();
    const route = answeredRoute(c);
    countRequest(deps, { method: c.req.method, route, outcome: outcomeOf(c.res), begunMs });
  };
}

const databaseFamilies = (status: DatabaseStatus): Family[] => [
  gauge('ready', 'Whether the server accepts orders.', one(Number(status.isReady))),
  gauge(
    'queue_depth',
    'Commands queued for the writer.',
    priorities.map((priority) => ({ labels: { priority }, value: status.queueDepth[priority] })),
  ),
  gauge('wal_pages', 'Pages in the write-ahead log at the last check.', one(status.walPages)),
  gauge('wal_bytes', 'Size of the write-ahead log at the last check.', one(status.walBytes)),
  gauge('readers_open', 'Reader connections that are open.', one(status.readersOpen)),
  gauge('readers_in_use', 'Reader connections in use.', one(status.readersInUse)),
  gauge('read_threads_open', 'Threads for long reads.', one(status.readThreadsOpen)),
  gauge('read_queue_depth', 'Long reads that wait for a thread.', one(status.readQueueDepth)),
  catalogueFamily(status),
];

/** Empty without a catalogue. */
export const catalogueFamily = ({ catalogueEventsBehind: behind }: DatabaseStatus): Family =>
  gauge(
    'catalogue_events_behind',
    'Events that the catalogue has not received yet.',
    behind === undefined ? [] : one(behind),
  );

export const infoFamily = ({ version, runtime }: Pick<Deps, 'version' | 'runtime'>): Family =>
  gauge('info', 'Version and runtime of the server.', [{ labels: { version, runtime }, value: 1 }]);

export const unitsFamily = (drops: readonly Drop[], now: number): Family =>
  gauge('units', 'Units of drops on sale or still to open.', unitSamples(drops, now));

/** Omits ended drops: years of them would be an unbounded number of series. */
function unitSamples(drops: readonly Drop[], now: number): Sample[] {
  return drops
    .filter((drop) => drop.published && phaseOf(drop, now) !== 'ended')
    .flatMap((drop) =>
      drop.items.flatMap((item) => {
        const units = { available: availableUnits(item), held: item.held, sold: item.sold };
        return Object.entries(units).map(([state, value]) => ({
          labels: { drop: drop.slug, sku: item.sku, state },
          value,
        }));
      }),
    );
}

/** Lists every status, so that an alert finds a 0 if there is none. */
const byStatus = (
  statuses: readonly string[],
  counts: Readonly<Record<string, number>> | undefined,
): Sample[] => (counts ? statuses.map((status) => ({ labels: { status }, value: counts[status] ?? 0 })) : []);

const tallyFamilies = (tallies: Tallies | null, now: number): Family[] => [
  gauge(
    'orders',
    'Orders by status, counted at most twice a minute.',
    byStatus(Object.keys(orderTransitions), tallies?.orders),
  ),
  gauge(
    'refunds',
    'Refunds by status, counted at most twice a minute.',
    byStatus(refundStatuses, tallies?.refunds),
  ),
  gauge(
    'disputes',
    'Disputes of payments by status, counted at most twice a minute.',
    byStatus(disputeStatuses, tallies?.disputes),
  ),
  gauge(
    'deletion_unfinished_seconds',
    'Age of the oldest unfinished deletion of personal data, which a restart finishes; 0 if there is none.',
    tallies ? one(Math.max(0, now - (tallies.deletionUnfinishedSince ?? now)) / 1000) : [],
  ),
];

export const metricsAnswer = (text: string): Response =>
  new Response(text, {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  });

export const metricsOperations = publicOperations([
  {
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Health',
    summary: 'Get metrics in the Prometheus text format',
    access: 'public',
    answers: [{ status: 200, description: 'The metrics.', type: 'text/plain' }],
    refusals: [],
  },
]);

/** `routes` are those of the whole application. */
export function metricsRoutes(deps: Deps, routes: () => readonly RouterRoute[]) {
  const { db, clock, rateLimits, otherMetrics, processFamilies, subscribers } = deps;
  const scrape = async (): Promise<string> => {
    const [others, tallies] = await Promise.all([otherMetrics(), db.tallies()]);
    const families = [
      ...databaseFamilies(db.status()),
      unitsFamily(db.snapshot.drops(), clock.now()),
      ...tallyFamilies(tallies, clock.now()),
      ...subscriberFamilies(deps),
      infoFamily(deps),
      ...processFamilies(),
    ];
    const counted = addUp([db.metrics.state(), ...others]);
    return metricsText(withPresets(counted, routes(), subscribers), families);
  };
  // Cached instead of limited by address: a stranger behind the operator's address could block the
  // scrapes.
  const ageMaxMs = rateLimits ? METRICS_AGE_MS : 0;
  let last = { text: Promise.resolve(''), untilMs: Number.NEGATIVE_INFINITY };
  return publicRoutes(metricsOperations, {
    async getMetrics() {
      const nowMs = clock.monotonicMs();
      if (nowMs >= last.untilMs) last = { text: scrape(), untilMs: nowMs + ageMaxMs };
      return metricsAnswer(await last.text);
    },
  });
}
