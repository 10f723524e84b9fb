/** Steps of the browser tests: open a page without errors, check accessibility, take a picture. */
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type RuntimeName, root } from '../support/server-process.ts';
import { withPatience } from './chromium.ts';

/** Pictures in README: `PICTURES=on` renews them; `PICTURES=folder` writes every picture there. */
const shown = ['drop-light', 'drop-phone', 'order-light', 'admin-overview-light'];
const { PICTURES } = process.env;

const phone: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  isMobile: true,
  hasTouch: true,
};

/** Every presentation that a page must support. */
const looks: readonly [string, BrowserContextOptions][] = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' }],
  ['phone', phone],
];

/**
 * Pages do not depend on the runtime: every look runs on Node, and the first on a Worker, whose
 * pages are bundled.
 */
export const looksOn = (runtime: RuntimeName) =>
  ({ node: looks, workerd: looks.slice(0, 1), bun: [] })[runtime];

/** A separate browser until the end of the test, whose pages must log no error. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = withPatience(await browser.newContext({ locale: 'en-GB', ...options }));
  const complaints: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A refusal is an answer with its own status.
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

/** Expects no serious finding of axe, and no content wider than the screen. */
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

/** Takes a picture of the whole page, or of the part on the screen. */
export async function takePicture(page: Page, name: string, fullPage = true): Promise<void> {
  if (PICTURES === undefined || (PICTURES === 'on' && !shown.includes(name))) return;
  const folder = PICTURES === 'on' ? join(root, 'docs/images') : PICTURES;
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
