/**
 * Zeros for series that a scrape shows before anything was counted, because Prometheus sees no
 * increase in a series that starts at 1.
 */
import { priorityOf } from '../domain/priority.ts';
import type { SubscriberInfo } from '../domain/subscriber-info.ts';
import { type HistogramName, histograms, labelSeparator, type MetricsState } from '../metrics.ts';

interface Route {
  method: string;
  path: string;
}

/** Outcomes that alerts count: of all routes, of those that wait for the writer, of webhooks. */
function outcomesOf({ method, path }: Route): string[] {
  const outcomes = ['ok', 'internal'];
  if (method !== 'GET') outcomes.push('overloaded', 'outcome_unknown');
  if (path.endsWith('/webhook')) outcomes.push('bad_signature', 'malformed');
  return outcomes;
}

/** Only the route that an alert uses: each further one would add a dozen series. */
const timedRoute = '/purchase';

/** An alert counts the commands that the database refused. */
const failedCommands = Object.fromEntries(
  Object.keys(priorityOf).map((command) => [`${command}${labelSeparator}command_failed`, 0]),
);

/** The state with a 0 for each missing series that alerts use. Middleware is not a route. */
export function withPresets(
  state: MetricsState,
  routes: readonly Route[],
  subscribers: readonly SubscriberInfo[],
): MetricsState {
  const requests: Record<string, number> = {};
  for (const route of routes) {
    if (route.method === 'ALL' || route.path.includes('*')) continue;
    for (const outcome of outcomesOf(route))
      requests[[route.method, route.path, outcome].join(labelSeparator)] = 0;
  }
  const givenUp = Object.fromEntries(subscribers.map(({ name }) => [name, 0]));
  const timed = Object.entries(state.histograms).map(([key, series]) => {
    const { bounds, label } = histograms[key as HistogramName];
    const none = { counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 };
    return [key, { [label === null ? '' : timedRoute]: none, ...series }];
  });
  return {
    counters: {
      ...state.counters,
      stampede_http_requests_total: { ...requests, ...state.counters.stampede_http_requests_total },
      stampede_commands_total: { ...failedCommands, ...state.counters.stampede_commands_total },
      stampede_mails_over_limit_total: {
        holds: 0,
        money: 0,
        ...state.counters.stampede_mails_over_limit_total,
      },
      stampede_deliveries_given_up_total: {
        ...givenUp,
        ...state.counters.stampede_deliveries_given_up_total,
      },
      stampede_payments_ignored_total: {
        foreign: 0,
        unreadable: 0,
        other_mark: 0,
        moved: 0,
        ...state.counters.stampede_payments_ignored_total,
      },
    },
    histograms: Object.fromEntries(timed),
  };
}
