/** The storefront's drops: / and /d/:slug, usable without script; its form uses POST /purchase. */
import { type Context, Hono } from 'hono';
import { homePage } from '../pages/home-page.ts';
import { samplePicture } from '../pages/sample-picture.ts';
import { buyByForm } from './buy-form.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { pageFileRoutes } from './page-file-routes.ts';
import { showDrop } from './show-drop.ts';

/** `send` answers a request like one from any client. */
export const storefrontRoutes = (deps: Deps, send: (request: Request, c: Context) => Promise<Response>) =>
  new Hono()
    .get('/', (c) => homePage(deps.db.snapshot.drops(), languageOf(c), deps.clock.now()))
    .get('/d/:slug', (c) => showDrop(c, deps))
    .post('/d/:slug', (c) => buyByForm(c, deps, send))
    .route('/', pageFileRoutes(deps.pageFiles, ['shop.css', 'shop.js']))
    .get('/images/sample-sneaker.svg', () => samplePicture());
