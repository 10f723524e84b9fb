/** Provides Debian's chromium to the browser tests, or prints that it is missing. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { mustSkip } from '../support/loud-skip.ts';
import { patienceMs } from '../support/patience.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const hasNoChromium = mustSkip(
  existsSync(executablePath),
  'the browser tests',
  `There is no ${executablePath}: apt-get install chromium, or set CHROMIUM.`,
);

const launchOptions = {
  executablePath,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-sync',
  ],
};

/** Waits as long as other tests do: a busy machine exceeds Playwright's 30 s. */
export function withPatience(context: BrowserContext): BrowserContext {
  context.setDefaultTimeout(patienceMs);
  return context;
}

export const launchChromium = (): Promise<Browser> => chromium.launch(launchOptions);

/** A browser that stores no cookies, a setting of real browsers. */
export async function launchWithoutCookies(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const folder = mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-chromium-'));
  mkdirSync(join(folder, 'Default'));
  const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(blocked));
  // The run deletes the folder: a browser that has closed may still write to it.
  const settings = { ...launchOptions, locale: 'en-GB', ...options };
  return withPatience(await chromium.launchPersistentContext(folder, settings));
}
