/** Traces: off by default; otherwise a span per request and command, without personal data. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectNothingPersonal } from '../support/client.ts';
import { machines } from '../support/contract-server.ts';
import { type RuntimeName, startServer } from '../support/server-process.ts';
import { customer, Shop } from '../support/shop.ts';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/** A collector on loopback that keeps the spans it receives. */
async function startCollector(): Promise<{ url: string; spans: () => Span[]; text: () => string }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      if (request.url === '/v1/traces') bodies.push(body);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  type Sent = { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () =>
      bodies.flatMap((body) =>
        (JSON.parse(body) as Sent).resourceSpans.flatMap(({ scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) => spans),
        ),
      ),
    text: () => bodies.join('\n'),
  };
}

async function shopOn(runtime: RuntimeName, env: Record<string, string>): Promise<Shop> {
  const shop = new Shop();
  shop.open(await startServer({ runtime, env }));
  return shop;
}

describe.each(machines)('traces on %s', (runtime) => {
  test('have a span per request and route, with its commands at the writer', async () => {
    const collector = await startCollector();
    const shop = await shopOn(runtime, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    const drop = await shop.createDrop();
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const bought = await shop.send({
      method: 'POST',
      path: '/purchase',
      json: { dropId: drop.id, quantity: 1, customer: customer() },
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'Idempotency-Key': crypto.randomUUID() },
    });
    expect(bought.status).toBe(201);
    await shop.admin({ path: `/admin/orders?email=${String(customer().email)}` });
    await shop.send({ path: '/orders/none' });
    expect(await shop.server.stop()).toEqual({ code: 0, signal: null });

    const spans = collector.spans();
    const purchase = spans.find(({ name }) => name === 'POST /purchase');
    expect(purchase).toMatchObject({ traceId, parentSpanId: '00f067aa0ba902b7' });
    const command = spans.find(({ name }) => name === 'writer placeHold');
    expect(command).toMatchObject({ traceId, parentSpanId: purchase?.spanId });
    const missing = spans.find(({ name }) => name === 'GET /orders/:id');
    const facts = new Map(missing?.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
    expect(facts.get('http.response.status_code')).toBe(404);
    expect(facts.get('error.type')).toBe('not_found');
    expectNothingPersonal(collector.text());
    expect(collector.text()).not.toContain('email=');
    expect(collector.text()).not.toContain(drop.id);
  });

  test('are off by default, and an unreachable collector does no harm', async () => {
    const shop = await shopOn(runtime, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    const drop = await shop.createDrop();
    expect((await shop.buy(drop.id)).order.status).toBe('held');
    expect(await shop.server.stop()).toEqual({ code: 0, signal: null });
  });
});
