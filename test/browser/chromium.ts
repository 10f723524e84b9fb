/** Lends Debian's chromium to the browser tests, or says loudly that it is not there. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { mustSkip } from '../support/loud-skip.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const hasNoChromium = mustSkip(
  existsSync(executablePath),
  'the browser tests',
  `There is no ${executablePath}: apt-get install chromium, or set CHROMIUM.`,
);

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
