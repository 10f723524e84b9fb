/** The plots' arithmetic: Prometheus text, differences, quantiles, and the script's copy of it. */
import { describe, expect, test } from 'vitest';
import { type Family, metricsText } from '../../../src/http/metrics-text.ts';
import { addUp, Metrics } from '../../../src/metrics.ts';
import { readings, type Sample } from '../../../src/pages/admin/readings.ts';
import { readingsModule } from '../../../src/pages/admin/readings-module.ts';

// The browser's copy must not depend on anything outside of it.
const { readings: inBrowser } = (await import(
  `data:text/javascript,${encodeURIComponent(readingsModule)}`
)) as {
  readings: typeof readings;
};

describe.each([
  ['here', readings],
  ['in the browser', inBrowser],
])('readings %s', (_, own) => {
  const textOf = (metrics: Metrics, families: readonly Family[] = []): string =>
    metricsText(addUp([metrics.state()]), families);

  test('parse the server’s output, whatever a label contains', () => {
    const family: Family = {
      name: 'stampede_units',
      type: 'gauge',
      help: 'Units.',
      samples: [{ labels: { drop: 'a "b" \\ c\nd', sku: 'x,y={}' }, value: 3 }],
    };
    expect(own.read(textOf(new Metrics(), [family]))).toEqual([
      { name: 'stampede_units', labels: { drop: 'a "b" \\ c\nd', sku: 'x,y={}' }, value: 3 },
    ]);
  });

  test('skip lines that are not samples', () => {
    const text = '# HELP a b\n\nnonsense\na{b="c"} NaN\na 1e3 1700000000\nb -2.5';
    expect(own.read(text)).toEqual([
      { name: 'a', labels: {}, value: 1000 },
      { name: 'b', labels: {}, value: -2.5 },
    ]);
    expect(own.read('')).toEqual([]);
  });

  const counter = (values: Record<string, number>, route = '/purchase'): Sample[] =>
    Object.entries(values).map(([outcome, value]) => ({ name: 'c', labels: { route, outcome }, value }));

  test('compute a counter’s growth with new labels, and none after a restart', () => {
    const [before, now] = [counter({ ok: 5, sold_out: 2 }), counter({ ok: 9, sold_out: 2, ended: 1 })];
    expect(own.growth(before, now, 'c', 'outcome')).toEqual({ ok: 4, sold_out: 0, ended: 1 });
    expect(own.growth(now, before, 'c', 'outcome')).toEqual({});
    expect(own.growth([], now, 'c', 'outcome')).toEqual({ ok: 9, sold_out: 2, ended: 1 });
    expect(own.growth(before, [], 'c')).toEqual({});
  });

  test('sum over routes, except those of operators and monitors', () => {
    const samples = [
      ...counter({ ok: 1 }, '/drops'),
      ...counter({ ok: 2 }),
      ...counter({ ok: 70 }, '/metrics'),
      ...counter({ ok: 70 }, '/admin/drops/:id'),
    ];
    expect(own.sums(samples, 'c', 'outcome')).toEqual({ ok: 3 });
    expect(own.sums(samples, 'c')).toEqual({ c: 3 });
    expect(own.sums(samples, 'd')).toEqual({});
  });

  test.each([
    [0.5, 0.0015],
    [0.75, 0.00225],
    [0.9, 0.006],
    [0.99, 0.01],
    [1, 0.01],
  ])('interpolate the quantile %d linearly within its bucket', (share, seconds) => {
    // 50 up to 1.5 ms, 25 more up to 2.25 ms, 20 more up to 7 ms, and 5 beyond the last bucket.
    const buckets = { '0.0015': 50, '0.00225': 75, '0.007': 94, '0.01': 95, '+Inf': 100 };
    expect(own.quantile(buckets, share)).toBeCloseTo(seconds, 3);
  });

  test('have no quantile without samples', () => {
    expect(own.quantile({}, 0.5)).toBeNull();
    expect(own.quantile({ '1': 0, '+Inf': 0 }, 0.5)).toBeNull();
  });

  test('show the difference between two readings of a real server’s metrics', () => {
    const metrics = new Metrics();
    const buy = (outcome: string, seconds: number) => {
      metrics.count('stampede_http_requests_total', `POST /purchase ${outcome}`);
      metrics.observe('stampede_http_request_seconds', seconds, '/purchase');
    };
    buy('ok', 4);
    const before = own.read(textOf(metrics));
    for (let bought = 0; bought < 10; bought += 1) buy('ok', 0.0009);
    buy('sold_out', 0.0001);
    for (const size of [1, 5]) metrics.observe('stampede_batch_commands', size);
    metrics.observe('stampede_commit_seconds', 0.003);
    const families: Family[] = [
      { name: 'stampede_wal_bytes', type: 'gauge', help: '', samples: [{ value: 3 * 2 ** 20 }] },
      {
        name: 'stampede_queue_depth',
        type: 'gauge',
        help: '',
        samples: [{ labels: { priority: 'holds' }, value: 7 }],
      },
    ];
    const moment = own.moment(before, own.read(textOf(metrics, families)), 2);
    expect(moment.requests).toEqual({ ok: 5, sold_out: 0.5 });
    expect(moment.latency.p50).toBeGreaterThan(0.5);
    expect(moment.latency.p99).toBeLessThanOrEqual(1);
    expect(moment).toMatchObject({
      queue: { holds: 7 },
      batch: { mean: 3 },
      commit: { mean: 3 },
      wal: { MiB: 3 },
    });
    const nothing = own.moment([], [], 1);
    expect(nothing).toMatchObject({ requests: {}, latency: { p50: null }, batch: { mean: null }, wal: {} });
  });

  test('show units by SKU and state for one drop', () => {
    const units = (drop: string, sku: string, state: string, value: number): Sample => ({
      name: 'stampede_units',
      labels: { drop, sku, state },
      value,
    });
    const samples = [units('a', 'x', 'sold', 2), units('a', 'x', 'held', 1), units('b', 'x', 'sold', 9)];
    expect(own.units(samples, 'a')).toEqual({ x: { sold: 2, held: 1 } });
    expect(own.units(samples, 'c')).toEqual({});
  });
});
