/** A shop and a browser around the tests of a `describe`. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { expectCleanEnd } from '../support/contract-server.ts';
import { type RuntimeName, startServer } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';
import { launchChromium } from './chromium.ts';

/** Registers the start and the end of both. The browser is available once the tests run. */
export function useBrowsedShop(
  runtime: RuntimeName,
  env: Record<string, string> = {},
): { shop: Shop; browser: () => Browser } {
  const shop = new Shop();
  let browser: Browser | undefined;
  beforeAll(async () => {
    shop.open(await startServer({ runtime, env }));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await expectCleanEnd(shop.server);
  });
  return {
    shop,
    browser() {
      if (!browser) throw new Error('The browser has not been started.');
      return browser;
    },
  };
}
