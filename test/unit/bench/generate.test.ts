/** The generator keeps its schedule whatever the server does, and reports every result. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAcknowledged } from '../../../bench/load/acknowledged.ts';
import { generate } from '../../../bench/load/generate.ts';
import type { GeneratorResult, Progress } from '../../../bench/load/generator-protocol.ts';
import { type Mix, plainMix } from '../../../bench/load/requests.ts';

let folder = '';
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stampede-generate-'));
});
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** 200 arrivals in a second against a server of the test. */
async function run(
  answer: RequestListener,
  pool: { connections: number; connectionsMax: number },
  report: (progress: Progress) => void = () => undefined,
  { payShare = 0, ...mix }: Partial<Mix> & { payShare?: number } = {},
): Promise<GeneratorResult> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return generate(
    {
      arrivals: { ratePerSecond: 200, seconds: 1, readShare: 0.5, randomSeed: 1 },
      pool,
      target: { host: '127.0.0.1', port, drops: [{ id: 'drp_1', skus: ['S'] }], secretKey: 'a key' },
      mix: { ...plainMix, ...mix },
      payShare,
      acknowledgedFile: join(folder, 'acknowledged.txt'),
      progressEveryMs: 200,
    },
    report,
  );
}

/** As many connections as arrivals: nothing is dropped, however slow the machine is. */
const plenty = { connections: 200, connectionsMax: 200 };

let orders = 0;
const works: RequestListener = (request, response) => {
  const isRead = request.method === 'GET';
  const body = isRead ? '{"drops":[]}' : `{"order":{"id":"ord_${++orders}","sku":"S","quantity":1}}`;
  request.resume().on('end', () => {
    response.writeHead(isRead ? 200 : 201, { 'Content-Length': body.length }).end(body);
  });
};

describe('generate', () => {
  test('offers all arrivals, and writes the list of acknowledged orders', async () => {
    const reports: Progress[] = [];
    const result = await run(works, plenty, (progress) => reports.push(progress));
    expect(result).toMatchObject({ offered: 200, done: 200, dropped: 0, connections: 200, errorSamples: [] });
    expect(result.outcomes.read_ok + result.outcomes.held).toBe(200);
    const listed = readAcknowledged(join(folder, 'acknowledged.txt'));
    expect(new Set(listed.map((order) => order.id)).size).toBe(result.outcomes.held);
    expect(result.acknowledged).toBe(result.outcomes.held);
    expect(reports.length).toBeGreaterThanOrEqual(3);
  });

  test('retries each purchase under its key, and pays for held units', async () => {
    const keys = new Map<string, Set<string>>();
    let payments = 0;
    const shop: RequestListener = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        const key = String(request.headers['idempotency-key']);
        const isPurchase = request.url === '/purchase';
        if (isPurchase) keys.set(key, (keys.get(key) ?? new Set()).add(body));
        else if (request.method === 'POST') payments += 1;
        const answers = isPurchase
          ? ([201, `{"order":{"id":"ord_${key}","sku":"S","quantity":1}}`] as const)
          : ([200, request.method === 'GET' ? '{"drops":[]}' : '{"effect":"paid"}'] as const);
        response.writeHead(answers[0], { 'Content-Length': answers[1].length }).end(answers[1]);
      });
    };
    const result = await run(shop, plenty, () => undefined, { sendsPerKey: 2, payShare: 0.25 });
    expect(result.outcomes.error).toBe(0);
    expect(result.outcomes.paid).toBe(payments);
    expect(payments).toBeGreaterThan(10);
    expect(keys.size).toBe(Math.ceil(result.outcomes.held / 2));
    for (const bodies of keys.values()) expect(bodies.size).toBe(1);
    expect(result.latencyMs.payments.count).toBe(payments);
  });

  test('drops arrivals without a free connection, and reports them', async () => {
    const slow: RequestListener = (request, response) => void setTimeout(() => works(request, response), 100);
    const result = await run(slow, { connections: 2, connectionsMax: 4 });
    expect(result.connections).toBe(4);
    // Each of four connections carries one request per 100 ms, plus the last one that it started.
    expect(result.done).toBeLessThanOrEqual(4 * (Math.ceil(result.elapsedMs / 100) + 1));
    expect(result.done + result.dropped).toBe(200);
    expect(result.latencyMs.all).toMatchObject({ count: result.done });
    expect(result.latencyMs.all.p50).toBeGreaterThan(95);
  });

  test('counts a server pause in the latency of every arrival during it', async () => {
    let isPaused = false;
    const result = await run(works, plenty, ({ offered }) => {
      // Once, when arrivals have started, however long that took.
      if (isPaused || offered === 0) return;
      isPaused = true;
      const endMs = performance.now() + 300;
      while (performance.now() < endMs);
    });
    expect(result).toMatchObject({ done: 200, dropped: 0 });
    expect(result.latenessMs.max).toBeGreaterThan(250);
    // 300 ms of a second: 30 of 100 arrivals, with latencies from 300 ms down to 0.
    expect(result.latencyMs.all.p95).toBeGreaterThan(200);
  });

  test('reports errors and answers that mention a lock', async () => {
    const body = '{"code":"internal","detail":"database is locked"}';
    const fails: RequestListener = (_, response) => {
      response.writeHead(500, { 'Content-Length': body.length }).end(body);
    };
    const result = await run(fails, plenty);
    expect(result).toMatchObject({ done: 200, lockErrors: 200, acknowledged: 0 });
    expect(result.outcomes.error).toBe(200);
    expect(result.errorSamples[0]).toBe(`500 ${body}`);
    expect(result.unknown).toBeGreaterThan(0);
  });
});
