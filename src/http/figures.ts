/** Metrics of one of several servers, for a scrape of all of them at once. */
import type { RouterRoute } from 'hono/types';
import { labelSeparator, type MetricsState } from '../metrics.ts';
import type { Deps } from './deps.ts';
import { withPresets } from './metric-presets.ts';
import { catalogueFamily } from './metrics.ts';
import type { Family } from './metrics-text.ts';
import { subscriberFamilies } from './subscribers.ts';

export interface Figures {
  counted: MetricsState;
  families: Family[];
}

/**
 * About a tenth of what a single server reports, because a scrape shows many: only requested routes
 * have series, and of the histograms only that of requests remains. Figures of the machine are left
 * out.
 */
export function figuresOf(
  { db, subscribers, clock }: Pick<Deps, 'db' | 'subscribers' | 'clock'>,
  routes: readonly RouterRoute[],
): Figures {
  const state = db.metrics.state();
  const asked = new Set(
    Object.keys(state.counters.stampede_http_requests_total).map((labels) =>
      labels.slice(0, labels.lastIndexOf(labelSeparator)),
    ),
  );
  const isAsked = ({ method, path }: RouterRoute): boolean => asked.has(method + labelSeparator + path);
  const { counters, histograms } = withPresets(state, routes.filter(isAsked), subscribers);
  const none = {
    stampede_batch_commands: {},
    stampede_commit_seconds: {},
    stampede_fsync_seconds: {},
    stampede_checkpoint_seconds: {},
    stampede_snapshot_age_seconds: {},
  };
  return {
    counted: { counters, histograms: { ...histograms, ...none } },
    families: [catalogueFamily(db.status()), ...subscriberFamilies({ db, subscribers, clock })],
  };
}
