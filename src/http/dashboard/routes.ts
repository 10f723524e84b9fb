/** The operator's dashboard: pages over the API that work without script, and their assets. */
import { Hono } from 'hono';
import { refusedPage } from '../../pages/admin/admin-document.ts';
import { readingsModule } from '../../pages/admin/readings-module.ts';
import { asset } from '../asset.ts';
import type { Deps } from '../deps.ts';
import { pageFileRoutes } from '../page-file-routes.ts';
import { problemOf } from '../problem.ts';
import type { Send } from './api.ts';
import { backgroundPageRoutes } from './background.ts';
import { dropPageRoutes } from './drops.ts';
import { orderPageRoutes } from './orders.ts';
import { overviewRoutes } from './overview.ts';
import { requireSession } from './page-request.ts';
import { signInRoutes } from './sign-in.ts';

/** `send` answers a request like one from any client. */
export function dashboardRoutes(deps: Deps, send: Send) {
  const withSession = requireSession(deps, send);
  return new Hono()
    .route('/', signInRoutes(deps, withSession))
    .route('/', overviewRoutes(withSession))
    .route('/', dropPageRoutes(deps, withSession))
    .route('/', orderPageRoutes(withSession))
    .route('/', backgroundPageRoutes(withSession))
    .get(
      '/admin/ui/*',
      withSession(async ({ viewer }) => refusedPage(viewer, '', { ...problemOf('not_found'), errors: [] })),
    )
    .route('/', pageFileRoutes(deps.pageFiles, ['admin.css', 'admin.js', 'uplot.css', 'uplot.js']))
    .get('/assets/readings.js', () => asset(readingsModule, 'text/javascript'));
}
