/** Content types: JSON and forms in UTF-8 with any parameters, and no content coding. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Call } from '../support/client.ts';
import { readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { Problem } from '../support/shapes.ts';
import { purchaseCall } from '../support/shop.ts';

const accepted: readonly string[] = [
  'application/json;charset=utf-8;profile=https',
  'application/json; charset=utf-8; foo=bar',
  'application/json; foo=bar; charset="UTF-8"',
  'APPLICATION/JSON; CHARSET=UTF-8',
  'application/json; charset=utf8',
  'application/json; odata.metadata=minimal;IEEE754Compatible=true',
  'application/json; text="a \\"quoted\\"; charset=latin1 text"',
  'application/json;',
  'application/json ; charset=utf-8 ;',
  'application/vnd.shop+json; version=2',
];

const refused: readonly string[] = [
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-16',
  'application/json; charset=utf-8; charset=latin1',
  'application/json; charset=""',
  'application/json, text/plain',
  'application/json; foo',
  'application/json; foo = bar',
  'application/json charset=utf-8',
  'application/jsonp; charset=utf-8',
  'text/json',
  'json',
  `application/json;${' '.repeat(6_000)}x`,
];

const codings: readonly string[] = [
  'gzip',
  'br',
  'deflate',
  'GZIP',
  'x-gzip',
  'zstd',
  'identity, gzip',
  'aes128gcm',
];
const noCodings: readonly string[] = ['identity', 'IDENTITY', '', 'identity, identity'];

const shown = (text: string): string => JSON.stringify(text.slice(0, 60));

describe.each(runtimes)('types of bodies on %s', (runtime) => {
  const shop = useServer(runtime);
  const typed = async (type: string): Promise<Call> => {
    const drop = await shop.createDrop();
    return { ...purchaseCall(drop.id), headers: { 'Content-Type': type } };
  };

  it.each(accepted)('takes %s', async (type) => {
    const answer = await shop.send(await typed(type));
    expect(answer.status, answer.text).toBe(201);
  });

  it.each(refused.map((type) => [shown(type), type]))('refuses %s', async (_, type) => {
    const refusal = { status: 415, code: 'unsupported_media_type' };
    const call = await typed(type);
    expectAnswer(await shop.send(call), refusal);
    expectAnswer(await shop.admin({ ...call, path: '/admin/drops' }), refusal);
  });

  it.each([
    ['application/x-www-form-urlencoded; charset=UTF-8; foo=bar', 303],
    ['Application/X-WWW-Form-Urlencoded', 303],
    ['application/x-www-form-urlencoded; charset=iso-8859-1', 415],
    ['application/x-www-form-urlencodedish', 415],
  ])('answers a form of %s with %d', async (type, status) => {
    const drop = await shop.createDrop();
    const form = new URLSearchParams({ email: 'form@example.com', quantity: '1' }).toString();
    // The cookie of the drop's page; without it, the answer to a purchase is the order itself.
    const headers = { 'Content-Type': type, cookie: 'buy=1' };
    const answer = await shop.send({ method: 'POST', path: `/d/${drop.slug}`, body: form, headers });
    expect(answer.status, answer.text).toBe(status);
    const { order } = await shop.buy(drop.id);
    const pay = { method: 'POST', path: `/pay/${order.id}`, body: 'outcome=paid', headers };
    expect((await shop.send(pay)).status).toBe(status);
  });

  const expectUncoded = async (call: Call, coding: string): Promise<void> => {
    const { json, form, headers, ...rest } = call;
    const text = json ? JSON.stringify(json) : new URLSearchParams(form).toString();
    const type = json ? 'application/json' : 'application/x-www-form-urlencoded';
    const answer = await shop.send({
      ...rest,
      body: gzipSync(text),
      headers: { 'Content-Type': type, ...headers, 'Content-Encoding': coding },
    });
    expectAnswer(answer, { status: 415, code: 'unsupported_media_type' });
    expect(answer.headers['accept-encoding'], call.path).toBe('identity');
    expect(readJson<Problem>(answer).detail).toContain('Content-Encoding');
  };

  it.each(codings)('refuses a body in %s on every route that reads one', async (coding) => {
    const drop = await shop.createDrop();
    const { order } = await shop.buy(drop.id);
    const token = shop.server.adminToken;
    const calls: Call[] = [
      purchaseCall(drop.id),
      { method: 'POST', path: '/admin/drops', token, json: {} },
      { method: 'PATCH', path: `/admin/drops/${drop.id}`, token, json: { title: 'New' } },
      { method: 'POST', path: '/admin/customers/erase', token, json: { email: 'a@example.com' } },
      { method: 'POST', path: `/admin/orders/${order.id}/fulfil`, token, json: {} },
      { method: 'POST', path: '/payments/sandbox/webhook', json: {} },
      { method: 'POST', path: `/pay/${order.id}`, json: { outcome: 'paid' } },
      { method: 'POST', path: `/pay/${order.id}`, form: { outcome: 'paid' } },
      { method: 'POST', path: `/d/${drop.slug}`, form: { email: 'a@example.com' } },
      { method: 'POST', path: '/admin/sign-in', form: { token } },
    ];
    const before = await shop.stateOf(drop.id);
    for (const call of calls) await expectUncoded(call, coding);
    expect(await shop.stateOf(drop.id)).toBe(before);
  });

  it.each(['gzip', 'br', 'identity'])('ignores a body in %s on routes without one', async (coding) => {
    const drop = await shop.createDrop();
    const { order, token } = await shop.buy(drop.id);
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': coding };
    const body = gzipSync('{"a":1}');
    const send = { method: 'POST', body, headers };
    expect((await shop.admin({ ...send, path: '/admin/reconcile' })).status).toBe(200);
    expect((await shop.admin({ ...send, path: `/admin/drops/${drop.id}/close` })).status).toBe(200);
    expect((await shop.send({ ...send, path: `/orders/${order.id}/cancel`, token })).status).toBe(200);
  });

  it.each(noCodings.map((coding) => [shown(coding), coding]))('takes a body in %s', async (_, coding) => {
    const drop = await shop.createDrop();
    const call = { ...purchaseCall(drop.id), headers: { 'Content-Encoding': coding } };
    expect((await shop.send(call)).status).toBe(201);
  });
});
