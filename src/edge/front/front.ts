/** The Worker in front: answers from published state, and forwards the rest to drops' objects. */
import { Hono } from 'hono';
import type { Config } from '../../config/config.ts';
import { markOwn, publicPaths } from '../../http/cross-origin.ts';
import { createFailureLog } from '../../http/failure-log.ts';
import { openedByBrowser } from '../../http/opened-by-browser.ts';
import { payPath } from '../../http/pay.ts';
import { problem, refuse } from '../../http/problem.ts';
import { problemsAsPages } from '../../http/problems-as-pages.ts';
import type { Log } from '../../log.ts';
import { ProviderError } from '../../payments/provider.ts';
import { edgeClock as clock } from '../clock.ts';
import { ObjectUnreachableError } from '../objects.ts';
import { AcrossDrops } from './across-drops.ts';
import { createAskDrop } from './ask-drop.ts';
import { createForwarding, type Forwarding } from './forwarding.ts';
import { operatorPage } from './operator-page.ts';
import { createOperatorRoutes, type FrontContext, routeOperators } from './operator-routes.ts';
import { createPurchase } from './purchase.ts';
import { createShowMetrics } from './show-metrics.ts';
import { createShownDrops } from './shown-drops.ts';
import { createWebhook } from './webhook.ts';

const isPage = (path: string): boolean => path === '/admin' || path.startsWith('/admin/ui/');

/** Everything that comes before a route of the Worker in front. */
function createGuardedApp({ frontApp, answerHere }: Forwarding, { corsOrigins }: Config, log: Log) {
  const app = new Hono<{ Bindings: Env }>();
  // For this Worker's own refusals only: the application marks and renders its own.
  app.use(problemsAsPages);
  app.use('/admin/*', openedByBrowser);
  const logFailure = createFailureLog(log, clock);
  app.onError((error) => {
    // `forward` answers its own failures, so the request has had no effect yet.
    const isAway = error instanceof ObjectUnreachableError || error instanceof ProviderError;
    if (isAway) return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
    logFailure(error);
    return problem('internal');
  });
  if (corsOrigins.length > 0) for (const path of publicPaths) app.use(path, markOwn(corsOrigins));
  // Preflights need no object; those of operator routes depend on the location of the drop.
  app.options('*', (c, next) => (c.req.path.startsWith('/admin') ? next() : answerHere(c, c.req.raw)));
  // Before any read or call to an object. A page sends its requests as its operator.
  app.use('/admin/*', (c, next) =>
    isPage(c.req.path) || frontApp.isOperator(c) ? next() : answerHere(c, c.req.raw),
  );
  return app;
}

export async function createFront(env: Env, config: Config, log: Log) {
  const forwarding = await createForwarding(env, config, log);
  const { ids, objects, frontApp } = forwarding;
  const { answerHere, catalogueFor, findShardId, forward, forwardById, shardIdsOfDrop } = forwarding;
  const across = new AcrossDrops(objects, config.secretKey);
  const app = createGuardedApp(forwarding, config, log);
  /** Answers a page's API requests through this Worker. */
  const sendBy = (c: FrontContext) => async (request: Request) => app.fetch(request, c.env, c.executionCtx);
  const shown = createShownDrops(forwarding, sendBy);
  const operators = createOperatorRoutes({
    catalogue: env.CATALOGUE,
    objects,
    ids,
    across,
    catalogueFor,
    shardIdsOfDrop,
    answerHere,
  });
  const showPage = (c: FrontContext): Promise<Response> =>
    operatorPage(c, (pages) => frontApp.answer(c.req.raw, [], catalogueFor(c), pages), sendBy(c));
  /** Returns the status of a drop's object, or of this Worker where no known drop is named. */
  const status = async (c: FrontContext): Promise<Response> => {
    const shardId = await findShardId(c, c.req.query('dropId') ?? '');
    return forward(c, shardId instanceof Response ? null : shardId);
  };

  const here = (c: FrontContext): Promise<Response> => answerHere(c, c.req.raw);
  const inFront = {
    adminListDrops: shown.listDrops,
    createDrop: here,
    importDrop: here,
    listSubscribers: status,
  };
  routeOperators(app, { ...inFront, ...operators }, createAskDrop(forwarding, across), forwardById);
  return app
    .get('/drops', shown.listDrops)
    .get('/drops/:id', shown.showDrop)
    .get('/drops/:id/stock', shown.streamStock)
    .post('/purchase', createPurchase(forwarding))
    .all('/orders/:id/*', forwardById)
    .all('/orders/:id', forwardById)
    .all(payPath, forwardById)
    .get('/', shown.listDrops)
    .all('/d/:id', shown.showShopPage)
    .all('/o/:id', forwardById)
    .all('/o/:id/*', forwardById)
    .post('/payments/:provider/webhook', createWebhook(forwarding, log))
    .get('/readyz', status)
    .get('/metrics', createShowMetrics(forwarding, env, config, log))
    .get('/admin', showPage)
    .all('/admin/ui/*', showPage)
    .all('*', here);
}
