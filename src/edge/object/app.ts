/** The full application over the rows of one object. */
import { createApp } from '../../app.ts';
import { configuredSubscribers } from '../../background/configured-subscribers.ts';
import type { Config } from '../../config/config.ts';
import type { SubscriberInfo } from '../../domain/subscriber-info.ts';
import type { OperatorRoute } from '../../http/admin-routes.ts';
import type { Deps } from '../../http/deps.ts';
import { figuresOf } from '../../http/figures.ts';
import { createRateLimits } from '../../http/rate-limits.ts';
import { edgeAddress } from '../address.ts';
import { appSettings } from '../app-settings.ts';
import { figuresPath, type ObjectFigures } from '../metrics.ts';

export interface ObjectAppDeps
  extends Pick<Deps, 'db' | 'ids' | 'providers' | 'sandbox' | 'clock' | 'log' | 'reconcile' | 'publicUrl'> {
  config: Config;
  /** Number of objects that share the drop's stock. */
  shards: number;
}

/** `extraAdminRoutes` are admin routes that only an object offers. */
export function createObjectApp(
  { config, shards, ...deps }: ObjectAppDeps,
  extraAdminRoutes: readonly OperatorRoute[],
): { fetch(request: Request): Response | Promise<Response> } {
  const { ids, clock } = deps;
  const subscribers: SubscriberInfo[] = [
    ...configuredSubscribers(config),
    { name: 'catalogue', kind: 'catalogue', target: null },
  ];
  const unpaid = { hashOf: ids.address, unitsMax: config.addressUnitsMax, shards: shards };
  const app = createApp(
    {
      ...appSettings(config),
      ...deps,
      rateLimits: config.isRateLimitOn ? createRateLimits(edgeAddress, clock, unpaid) : null,
      locations: { jurisdictions: [], hints: [] },
      countsAllUnits: shards === 1,
      subscribers,
    },
    extraAdminRoutes,
  );
  return {
    fetch(request) {
      if (new URL(request.url).pathname !== figuresPath) return app.fetch(request);
      const slug = deps.db.snapshot.drops()[0]?.slug ?? '';
      return Response.json({
        slug,
        ...figuresOf({ ...deps, subscribers }, app.routes),
      } satisfies ObjectFigures);
    },
  };
}
