/**
 * Dependencies of an in-process application where the test does not care: no payment provider, no
 * subscribers, no limits.
 */

import type { Deps } from '../../src/http/deps.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { pageFiles } from '../../src/runtime/page-files.ts';
import { systemClock } from '../../src/split/system-clock.ts';

/** The application's public origin. */
export const origin = 'http://shop.example';

const silent = () => undefined;
export const silentLog = { debug: silent, info: silent, warn: silent, error: silent };

/** `own` overrides the defaults. */
export const appDeps = (own: Pick<Deps, 'db' | 'ids'> & Partial<Deps>): Deps => ({
  clock: systemClock,
  log: silentLog,
  reconcile: async () => ({ checkouts: 0, payments: 0, movements: 0, failed: 0 }),
  providers: new Map([['sandbox', createSandbox('a secret of the sandbox in tests', () => origin)]]),
  sandbox: null,
  rateLimits: null,
  adminTokenHash: null,
  holdSeconds: 600,
  shardsMax: 1,
  countsAllUnits: true,
  publicUrl: () => origin,
  otherMetrics: async () => [],
  processFamilies: () => [],
  subscribers: [],
  pageFiles,
  version: '0',
  runtime: 'test',
  tokensCommand: null,
  isStopping: () => false,
  ...own,
});
