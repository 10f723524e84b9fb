/** Serves the style sheets and scripts that pages load. */
import { Hono } from 'hono';
import { asset } from './asset.ts';

/** Style sheets and scripts by name, each read on first use. */
export type PageFiles = Record<
  'admin.css' | 'admin.js' | 'reference.css' | 'shop.css' | 'shop.js' | 'uplot.css' | 'uplot.js',
  () => string
>;

/** `/assets/NAME` for each of the names. */
export function pageFileRoutes(files: PageFiles, names: readonly (keyof PageFiles)[]) {
  const routes = new Hono();
  for (const name of names) {
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript';
    routes.get(`/assets/${name}`, () => asset(files[name](), type));
  }
  return routes;
}
