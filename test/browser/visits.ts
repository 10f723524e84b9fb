/** Steps of the browser tests: open a page without errors, check accessibility, take a picture. */
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { runtimes } from '../support/contract-server.ts';
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
 * Pages do not depend on the runtime. They run on Node, and on a Worker, which has them in a bundle
 * and its drops elsewhere. Bun serves them with the code of Node: one purchase runs there.
 */
export const browsedRuntimes = runtimes.filter((runtime) => runtime !== 'bun');

/** Every look runs on Node, and the first on a Worker. */
export const looksOn = (runtime: RuntimeName) => (runtime === 'node' ? looks : looks.slice(0, 1));

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
  // Of what passes, axe would describe each element.
  const found = await page.evaluate(async () => {
    type Run = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };
    const runner = (globalThis as unknown as { axe: { run(options: object): Promise<Run> } }).axe;
    return (await runner.run({ resultTypes: ['violations'] })).violations.filter(({ impact }) =>
      ['serious', 'critical'].includes(impact),
    );
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
