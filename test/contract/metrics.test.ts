/** GET /metrics: Prometheus text with correct numbers and no personal data. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemCodes } from '../../src/http/problem.ts';
import { canary } from '../support/client.ts';
import { machines, onlyOnMachines, runtimes, useServer } from '../support/contract-server.ts';
import { useOutsideMoney } from '../support/outside-money.ts';
import { root } from '../support/server-process.ts';
import { customer, type Shop, until } from '../support/shop.ts';
import { disputeOf } from '../support/stripe-movements.ts';

interface Scrape {
  /** By full name, labels included. */
  samples: Map<string, number>;
  types: Map<string, string>;
}

const sampleLine = /^([a-z_]+)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (-?\d\S*)$/;

/** Parses the text by the rules of its format, and fails the test where it breaks one. */
function parse(text: string): Scrape {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  let current = '';
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) {
      current = type[1] ?? '';
      expect(types.has(current), `${current} is declared once`).toBe(false);
      types.set(current, type[2] ?? '');
      continue;
    }
    if (line.startsWith('# HELP ')) continue;
    const sample = sampleLine.exec(line);
    expect(sample, line).not.toBeNull();
    const [, name = '', labels = '', value] = sample ?? [];
    const family = types.get(current) === 'histogram' ? name.replace(/_(?:bucket|sum|count)$/, '') : name;
    expect(family, 'a sample stands under its own family').toBe(current);
    expect(samples.has(name + labels), `${name}${labels} stands there once`).toBe(false);
    samples.set(name + labels, Number(value));
  }
  return { samples, types };
}

async function scrape(shop: Shop): Promise<Scrape> {
  const answer = await shop.send({ path: '/metrics' });
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parse(answer.text);
}

const requests = (route: string, method: string, outcome: string): string =>
  `stampede_http_requests_total{method="${method}",route="${route}",outcome="${outcome}"}`;

describe.each(runtimes)('metrics on %s', (runtime) => {
  const shop = useServer(runtime);
  // An object counts its own requests and is queried through its drop; a machine counts everything.
  const scrapeOf = async (dropId: string): Promise<Scrape> => {
    const path = runtime === 'workerd' ? `/metrics?dropId=${dropId}` : '/metrics';
    return parse((await shop.send({ path })).text);
  };

  test('count requests by route pattern and by outcome', async () => {
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock: 2 }] });
    const before = (await scrapeOf(drop.id)).samples;
    await shop.buy(drop.id, { quantity: 2 });
    const refused = { method: 'POST', path: '/purchase' };
    const json = { dropId: drop.id, quantity: 1, customer: customer() };
    if (runtime !== 'workerd') await shop.send({ ...refused, json });
    await shop.send({ path: '/orders/ord_nobody' });
    const after = (await scrapeOf(drop.id)).samples;
    const more = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(more(requests('/purchase', 'POST', 'ok'))).toBe(1);
    // A Worker refuses from published state, and forwards no request for an impossible order id.
    if (runtime !== 'workerd') {
      expect(more(requests('/purchase', 'POST', 'sold_out'))).toBe(1);
      expect(more(requests('/orders/:id', 'GET', 'not_found'))).toBe(1);
    }
    expect(more('stampede_commands_total{command="placeHold",outcome="held"}')).toBe(1);
    expect(more('stampede_http_request_seconds_count{route="/purchase"}')).toBeGreaterThanOrEqual(1);
    const units = (state: string) =>
      after.get(`stampede_units{drop="${drop.slug}",sku="one",state="${state}"}`);
    expect([units('available'), units('held'), units('sold')]).toEqual([0, 2, 0]);
  });

  test('histograms add up, and every bucket holds those below it', async () => {
    const drop = await shop.createDrop();
    await shop.buy(drop.id);
    const { samples, types } = await scrapeOf(drop.id);
    const histograms = [...types].filter(([, type]) => type === 'histogram').map(([name]) => name);
    expect(histograms).toContain('stampede_http_request_seconds');
    for (const name of histograms) {
      const buckets = [...samples].filter(([sample]) => sample.startsWith(`${name}_bucket{`));
      const series = Map.groupBy(buckets, ([sample]) => sample.replace(/,?le="[^"]+"/, ''));
      for (const [of, counts] of series) {
        const values = counts.map(([, value]) => value);
        expect(values, of).toEqual(values.toSorted((one, other) => one - other));
        const count = of.replace('_bucket', '_count').replace('{}', '');
        expect(values.at(-1), of).toBe(samples.get(count));
      }
    }
  });

  test('contain no path, no order and no personal data', async () => {
    const drop = await shop.createDrop();
    const { order } = await shop.buy(drop.id);
    await shop.send({ path: `/orders/${order.id}` });
    await shop.send({ path: `/somewhere-${canary}` });
    const { text } = await shop.send({ path: '/metrics' });
    for (const own of [canary, order.id, drop.id]) expect(text).not.toContain(own);
  });

  onlyOnMachines(runtime)('show the disk, the event loop and the process', async () => {
    const drop = await shop.createDrop();
    await shop.pay(await shop.buy(drop.id));
    const { samples } = await scrape(shop);
    for (const name of [
      'stampede_commit_seconds_count',
      'stampede_fsync_seconds_count',
      'stampede_batch_commands_count',
      'stampede_snapshot_age_seconds_count',
      'stampede_ready',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'stampede_readers_open',
    ]) {
      expect(samples.get(name), name).toBeGreaterThan(0);
    }
    for (const name of ['stampede_wal_bytes', 'stampede_event_loop_delay_seconds{quantile="0.99"}']) {
      expect(samples.get(name), name).toBeGreaterThanOrEqual(0);
    }
    const fsyncs = samples.get('stampede_fsync_seconds_sum') ?? 0;
    expect(fsyncs).toBeLessThanOrEqual(samples.get('stampede_commit_seconds_sum') ?? 0);
    // Copied at rest, a moment after the last commit.
    const copies = await until(
      async () => (await scrape(shop)).samples.get('stampede_checkpoint_seconds_count'),
      (count) => (count ?? 0) > 0,
    );
    expect(copies).toBeGreaterThan(0);
  });
});

describe.each(machines)('orders by status on %s', (runtime) => {
  const shop = useServer(runtime);
  test('are counted outside of the event loop', async () => {
    const drop = await shop.createDrop();
    await shop.pay(await shop.buy(drop.id));
    await shop.buy(drop.id);
    const { samples } = await scrape(shop);
    expect(samples.get('stampede_orders{status="paid"}')).toBe(1);
    expect(samples.get('stampede_orders{status="held"}')).toBe(1);
  });
});

describe.each(machines)('disputes by status on %s', (runtime) => {
  const { shop, stripe, sell, report } = useOutsideMoney(runtime);
  test('are counted, each once', async () => {
    for (const status of ['needs_response', 'needs_response', 'won']) {
      const { payment } = await sell();
      await report(stripe.event('charge.dispute.created', { ...disputeOf(payment), status }));
    }
    const { samples } = await scrape(shop);
    const counts = ['open', 'lost', 'won'].map((status) =>
      samples.get(`stampede_disputes{status="${status}"}`),
    );
    expect(counts).toEqual([2, 0, 1]);
  });
});

describe('monitoring of the server', () => {
  // A subscriber; no mail server listens there.
  const shop = useServer('node', { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'shop@example.com' });
  test.each(['grafana/stampede.json', 'prometheus-rules.yml'])(
    'with deploy/%s queries only existing metrics',
    async (name) => {
      const drop = await shop.createDrop();
      await shop.pay(await shop.buy(drop.id));
      await until(
        async () => (await scrape(shop)).types.has('stampede_checkpoint_seconds'),
        (isThere) => isThere,
      );
      const { types } = await scrape(shop);
      const text = readFileSync(join(root, 'deploy', name), 'utf8');
      const asked = new Set(
        [...text.matchAll(/\b(?:stampede|process)_[a-z_]+(?=[{[])/g)].map(([metric]) =>
          metric.replace(/_(?:bucket|sum|count)$/, ''),
        ),
      );
      expect(asked.size).toBeGreaterThan(5);
      // Metrics of Workers only: test/edge/metrics.test.ts.
      const ofWorkers = ['stampede_mail_queue_messages', 'stampede_objects'];
      expect([...asked].filter((metric) => !types.has(metric) && !ofWorkers.includes(metric))).toEqual([]);
      const outcomes = [...text.matchAll(/outcome=~?"([a-z_|]+)"/g)].flatMap(
        ([, codes]) => codes?.split('|') ?? [],
      );
      const known: readonly string[] = [...problemCodes, 'held', 'command_failed'];
      expect(outcomes.filter((code) => !known.includes(code))).toEqual([]);
    },
  );
});

describe.each(machines)('two HTTP threads on %s', (runtime) => {
  const shop = useServer(runtime, { HTTP_THREADS: '2' });
  test('report as one, whichever answers', async () => {
    for (let asked = 0; asked < 20; asked += 1) await shop.send({ path: '/version' });
    const seen = new Set<number | undefined>();
    for (let scrapes = 0; scrapes < 8; scrapes += 1) {
      seen.add((await scrape(shop)).samples.get(requests('/version', 'GET', 'ok')));
    }
    expect([...seen]).toEqual([20]);
  });
});
