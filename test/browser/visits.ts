/** What every browser test does: opens a page that may complain of nothing, judges it for everybody, and takes its picture. */
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type RuntimeName, root } from '../support/server-process.ts';
import { withPatience } from './chromium.ts';

/** Pictures that README shows: `PICTURES=on` renews them; `PICTURES=folder` writes every picture there. */
const shown = ['drop-light', 'drop-phone', 'order-light', 'admin-overview-light'];
const { PICTURES } = process.env;

const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};

/** Every way in which a page must be good. */
const looks: readonly [string, BrowserContextOptions][] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', phone],
];

/** Pages are the same wherever they come from: each way on Node, and the first on a Worker, whose pages are bundled. */
export const looksOn = (runtime: RuntimeName) =>
  ({ node: looks, workerd: looks.slice(0, 1), bun: [] })[runtime];

/** A browser of somebody's own until the end of the test, whose pages may complain of nothing. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = withPatience(await browser.newContext({ locale: 'en-GB', ...options }));
  const complaints: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A refusal is an answer with a status of its own.
      if (message.type() === 'error' && !message.text().includes('status of 4'))
        complaints.push(message.text());
    });
  });
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });
  return context;
}

/** axe finds nothing serious, and nothing is wider than the screen. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    type Run = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
    const runner = (globalThis as unknown as { axe: { run(): Promise<Run> } }).axe;
    return (await runner.run()).violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  });
  expect(found.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(overflow, page.url()).toBeLessThanOrEqual(0);
}

/** Of the whole page, or of what a screen shows of it. */
export async function takePicture(page: Page, name: string, fullPage = true): Promise<void> {
  if (PICTURES === undefined || (PICTURES === 'on' && !shown.includes(name))) return;
  const folder = PICTURES === 'on' ? join(root, 'docs/images') : PICTURES;
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
