/** The map: every request's way, as one plain fetch handler. */
import { Hono } from 'hono';
import { explainRoutes } from './api/explain-routes.ts';
import { adminAuditRoutes } from './http/admin-audit.ts';
import { authenticateBy } from './http/admin-auth.ts';
import { adminCustomerRoutes } from './http/admin-customers.ts';
import { adminDropRoutes } from './http/admin-drops.ts';
import { adminExportRoutes } from './http/admin-export.ts';
import { adminOrderRoutes } from './http/admin-orders.ts';
import { adminRefundRoutes } from './http/admin-refunds.ts';
import { type AdminRoute, adminRoutes } from './http/admin-routes.ts';
import type { Deps } from './http/deps.ts';
import { dropRoutes } from './http/drops.ts';
import { healthRoutes } from './http/health.ts';
import { liveStockRoutes } from './http/live-stock.ts';
import { measured, metricsRoutes } from './http/metrics.ts';
import { orderRoutes } from './http/orders.ts';
import { payRoutes } from './http/pay.ts';
import { paymentRoutes } from './http/payments.ts';
import { problem } from './http/problem.ts';
import { purchaseRoutes } from './http/purchase.ts';
import { sandboxPayRoutes } from './http/sandbox-pay.ts';
import { storefrontRoutes } from './http/storefront.ts';

/** Everything that an operator can do, each with the scope that it needs. */
export const operatorRoutes = (deps: Deps): AdminRoute[] => [
  ...adminDropRoutes(deps),
  ...adminOrderRoutes(deps),
  ...adminExportRoutes(deps),
  ...adminAuditRoutes(deps),
  ...adminRefundRoutes(deps),
  ...adminCustomerRoutes(deps),
];

/**
 * Builds the handler; starts nothing and touches nothing until a request comes. `beside` are what operators can do only where
 * this runs.
 */
export function createApp(deps: Deps, beside: readonly AdminRoute[] = []) {
  const app = new Hono();
  app.use(measured(deps));
  app.onError((error) => {
    // Never the message to the client, and never the request to the log: both may hold personal data.
    deps.log.error({ error: error.name, stack: error.stack }, 'a request failed');
    return problem('internal');
  });
  app.notFound(() => problem('not_found'));

  if (deps.rateLimits) {
    // Not the drops, which cost next to nothing, and not the webhooks: money must come in.
    for (const path of ['/purchase', '/orders/*', '/pay/*', '/o/*']) app.use(path, deps.rateLimits.byAddress);
  }
  app.route('/', dropRoutes(deps));
  app.route('/', liveStockRoutes(deps));
  app.route('/', purchaseRoutes(deps));
  app.route('/', orderRoutes(deps));
  app.route('/', paymentRoutes(deps));
  app.route('/', healthRoutes(deps));
  app.route('/', metricsRoutes(deps));
  app.route('/', explainRoutes(deps));
  app.route(
    '/',
    storefrontRoutes(deps, async (request, c) => app.fetch(request, c.env)),
  );
  const { sandbox } = deps;
  app.route(
    '/',
    sandbox ? sandboxPayRoutes(deps, sandbox, async (request) => app.fetch(request)) : payRoutes(deps),
  );

  app.route('/', adminRoutes([...operatorRoutes(deps), ...beside], authenticateBy(deps), deps.rateLimits));
  return app;
}
