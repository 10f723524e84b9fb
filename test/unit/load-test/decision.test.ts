/** The verdict of a load test: GO without objections, and NO GO for each single one. */
import { describe, expect, test } from 'vitest';
import type { Percentiles } from '../../../src/crowd/percentiles.ts';
import type { Certificate } from '../../../src/domain/certificate.ts';
import {
  type LoadTestResults,
  type Reason,
  reasonCodes,
  reasonsAgainst,
} from '../../../src/load-test/decision.ts';

const quick: Percentiles = { count: 100, p50: 1, p95: 5, p99: 500, p999: 900, max: 900 };
const slow: Percentiles = { ...quick, p99: 501 };
const kept = { before: quick, crash: slow, after: quick };

const certificate: Certificate = {
  dropId: 1,
  slug: 'spring',
  title: 'Spring',
  currency: 'EUR',
  issuedAt: 0,
  items: [],
  orders: {},
  payments: { count: 0, amount: 0 },
  kept: { count: 0, amount: 0 },
  refunds: {
    pending: { count: 0, amount: 0 },
    sent: { count: 0, amount: 0 },
    failed: { count: 0, amount: 0 },
    settled: { count: 0, amount: 0 },
  },
  outside: { count: 0, amount: 0 },
  disputes: {
    open: { count: 0, amount: 0 },
    lost: { count: 0, amount: 0 },
    won: { count: 0, amount: 0 },
  },
  firstSaleAt: null,
  lastSaleAt: null,
  log: { events: 0, headSeq: 0, head: '' },
  violations: [],
};
const sound: LoadTestResults['examination'] = { findings: [], oversold: [], overLimit: [], certificate };

/** Every figure at the limit of acceptance. */
const good: LoadTestResults = {
  p99MaxMs: 500,
  plannedPerSecond: 1_000,
  sentPerSecond: 950,
  purchases: 1_000,
  overloaded: 10,
  // Reads and payments may be slow, and so may purchases during the crash.
  latencies: { purchase: kept, read: { ...kept, after: slow }, payment: { ...kept, before: slow } },
  crash: { atMs: 5_000, listeningAfterMs: 9_900, ordersAfterMs: 10_000, overAfterMs: 12_000 },
  restartFailure: null,
  errors: 0,
  errorSamples: [],
  stopCode: 0,
  examination: sound,
};

const bad: readonly [Reason['code'], string, Partial<LoadTestResults>][] = [
  [
    'orders',
    'purchase a was acknowledged',
    { examination: { ...sound, findings: ['purchase a was acknowledged, but is lost'] } },
  ],
  [
    'oversold',
    'M: 11 promised',
    { examination: { ...sound, oversold: ['M: 11 promised and 11 in the file, of 10'] } },
  ],
  [
    'customer_limit',
    'has 3 of 2',
    { examination: { ...sound, overLimit: ['buyer-1@load-test.example has 3 of 2'] } },
  ],
  [
    'certificate',
    'hash_chain',
    { examination: { ...sound, certificate: { ...certificate, violations: ['hash_chain: broken'] } } },
  ],
  ['certificate', 'there is none', { examination: { ...sound, certificate: null } }],
  [
    'slow',
    '501 ms or more before the crash',
    { latencies: { ...good.latencies, purchase: { ...kept, before: slow } } },
  ],
  [
    'slow',
    '501 ms or more after the crash',
    { latencies: { ...good.latencies, purchase: { ...kept, after: slow } } },
  ],
  ['overloaded', '11 of 1000', { overloaded: 11 }],
  ['restart', '10.1 s', { crash: { ...good.crash, ordersAfterMs: 10_100 } }],
  ['restart', 'no purchase was answered', { crash: { ...good.crash, ordersAfterMs: null } }],
  ['restart', 'it did not start', { restartFailure: 'it did not start' }],
  ['errors', 'answered by 500', { errors: 1, errorSamples: ['a purchase was answered by 500 internal'] }],
  ['stop', 'ended with 70', { stopCode: 70 }],
  ['stop', 'had to be killed', { stopCode: null }],
  ['crowd', 'says nothing about the server', { sentPerSecond: 949 }],
];

describe('the verdict of a load test', () => {
  test('figures exactly at the limits are GO', () => {
    expect(reasonsAgainst(good)).toEqual([]);
  });

  test.each(bad)('NO GO for %s: %s', (code, words, change) => {
    const reasons = reasonsAgainst({ ...good, ...change });
    expect(reasons).toEqual([{ code, detail: expect.stringContaining(words) }]);
  });

  test('every reason has a case here', () => {
    expect(new Set(bad.map(([code]) => code))).toEqual(new Set(reasonCodes));
  });

  test('names the first few of many findings, and how many there are', () => {
    const findings = Array.from({ length: 500 }, (_, index) => `order ${index} is lost`);
    const [reason] = reasonsAgainst({ ...good, examination: { ...sound, findings } });
    expect(reason?.detail).toBe(
      'The database differs from the answers to buyers: order 0 is lost; order 1 is lost; order 2 is lost; 500 in all',
    );
  });

  test('several reasons are all reported', () => {
    const reasons = reasonsAgainst({ ...good, stopCode: 1, overloaded: 500, sentPerSecond: 1 });
    expect(reasons.map(({ code }) => code)).toEqual(['overloaded', 'stop', 'crowd']);
  });
});
