/** Composes middleware and routes into one fetch handler. */
import { Hono } from 'hono';
import { explainRoutes } from './api/explain-routes.ts';
import { adminAuditRoutes } from './http/admin-audit.ts';
import { authenticateBy } from './http/admin-auth.ts';
import { adminCustomerRoutes } from './http/admin-customers.ts';
import { adminDropRoutes } from './http/admin-drops.ts';
import { adminExportRoutes } from './http/admin-export.ts';
import { adminOrderRoutes } from './http/admin-orders.ts';
import { adminRefundRoutes } from './http/admin-refunds.ts';
import { adminRoutes, type OperatorRoute } from './http/admin-routes.ts';
import { adminSubscriberRoutes } from './http/admin-subscribers.ts';
import { crossOrigin, publicPaths } from './http/cross-origin.ts';
import type { Send } from './http/dashboard/api.ts';
import { dashboardRoutes } from './http/dashboard/routes.ts';
import type { Deps } from './http/deps.ts';
import { dropRoutes } from './http/drops.ts';
import { createFailureLog } from './http/failure-log.ts';
import { findOrderRoutes } from './http/find-orders.ts';
import { healthRoutes } from './http/health.ts';
import { liveStockRoutes, stockOf } from './http/live-stock.ts';
import { measured, metricsRoutes } from './http/metrics.ts';
import { openedByBrowser } from './http/opened-by-browser.ts';
import { orderPageRoutes } from './http/order-pages.ts';
import { orderRoutes } from './http/orders.ts';
import { answerOtherMethods } from './http/other-methods.ts';
import { payRoutes } from './http/pay.ts';
import { paymentRoutes } from './http/payments.ts';
import { createPurchase } from './http/place-purchase.ts';
import { problem } from './http/problem.ts';
import { problemsAsPages } from './http/problems-as-pages.ts';
import { purchaseRoutes } from './http/purchase.ts';
import { RememberingRouter } from './http/remembering-router.ts';
import { sandboxPayRoutes } from './http/sandbox-pay.ts';
import { storefrontRoutes } from './http/storefront.ts';
import { pagePaths, strictTransport } from './http/strict-transport.ts';
import { traced } from './http/tracing.ts';

/** Operator routes that every runtime offers. */
const commonAdminRoutes = (deps: Deps): OperatorRoute[] => [
  ...adminDropRoutes(deps),
  ...adminOrderRoutes(deps),
  ...adminExportRoutes(deps),
  ...adminAuditRoutes(deps),
  ...adminRefundRoutes(deps),
  ...adminCustomerRoutes(deps),
  ...adminSubscriberRoutes(deps),
];

/** Paths whose requests count against the rate limit of their address. */
const limitedPaths = ['/purchase', '/orders/*', '/pay/*', '/o/*', '/docs', '/openapi.json', '/problems/*'];

/**
 * Builds the handler; does nothing until a request arrives. `extraAdminRoutes` are admin routes
 * that only this runtime offers. `sendToApi` answers the API requests of pages if this application
 * does not have all routes. `purchase` is shared with
 * `createQuickPurchase`.
 */
export function createApp(
  deps: Deps,
  extraAdminRoutes: readonly OperatorRoute[] = [],
  sendToApi?: Send,
  purchase = createPurchase(deps),
) {
  const app = new Hono({ router: new RememberingRouter() });
  app.use(measured(deps));
  app.use(problemsAsPages);
  app.use('/admin/*', openedByBrowser);
  if (deps.trace) app.use(traced(deps.trace));
  const logFailure = createFailureLog(deps.log, deps.clock);
  app.onError((error) => {
    logFailure(error);
    // Omits the message, which may contain personal data.
    return problem('internal');
  });
  const unanswered = answerOtherMethods(() => app.routes);
  app.notFound(unanswered);

  const { corsOrigins = [] } = deps;
  if (corsOrigins.length > 0) for (const path of publicPaths) app.use(path, crossOrigin(corsOrigins));
  if (deps.rateLimits) {
    // Not the drops, which cost next to nothing, and not the webhooks, because payments must get
    // through.
    for (const path of limitedPaths) app.use(path, deps.rateLimits.byAddress);
  }
  for (const path of pagePaths) app.use(path, strictTransport(deps));
  app.route('/', dropRoutes(deps));
  app.route('/', liveStockRoutes({ ...deps, stock: stockOf(deps.db) }));
  app.route('/', purchaseRoutes(purchase));
  // Before /orders/:id, which would match its path.
  app.route('/', findOrderRoutes(deps));
  app.route('/', orderRoutes(deps));
  app.route('/', orderPageRoutes(deps));
  app.route('/', paymentRoutes(deps));
  app.route('/', healthRoutes(deps));
  app.route(
    '/',
    metricsRoutes(deps, () => app.routes),
  );
  app.route('/', explainRoutes(deps));
  app.route('/', storefrontRoutes(deps, sendToApi ?? (async (request, c) => app.fetch(request, c.env))));
  const { sandbox } = deps;
  app.route(
    '/',
    sandbox ? sandboxPayRoutes(deps, sandbox, async (request) => app.fetch(request)) : payRoutes(deps),
  );

  app.route('/', dashboardRoutes(deps, sendToApi ?? (async (request, c) => app.fetch(request, c.env))));
  const operators = [...commonAdminRoutes(deps), ...extraAdminRoutes];
  app.route('/', adminRoutes(operators, authenticateBy(deps), deps, unanswered));
  return app;
}
