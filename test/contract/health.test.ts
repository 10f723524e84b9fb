/** Health, version and unknown routes: the answers that every operator and crawler gets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Call, readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { expectAnswer } from '../support/scenario.ts';
import { root } from '../support/server-process.ts';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** Requests that no route answers. */
const nowhere: readonly Call[] = [
  { path: '/absent' },
  { path: '/drops/x/y/z' },
  { path: '/orders' },
  { path: '/purchases' },
  { path: '/.env' },
  { path: '/package.json' },
  { path: '/..%2f..%2fetc%2fpasswd' },
  { path: '/../../etc/passwd' },
  { path: '/%00' },
  { path: '/%ff' },
  { path: `/${'x'.repeat(4_000)}` },
  { path: '/Drops' },
  { method: 'POST', path: '/absent', json: {} },
];

/** Requests of paths that exist for other methods. */
const otherMethods: readonly Call[] = [
  { method: 'POST', path: '/drops', json: {} },
  { method: 'DELETE', path: '/drops/absent' },
  { method: 'PUT', path: '/purchase', json: {} },
  { method: 'GET', path: '/purchase' },
  { method: 'PATCH', path: '/orders/absent', json: {} },
];

describe.each(runtimes)('health on %s', (runtime) => {
  const shop = useServer(runtime);

  it('lives', async () => {
    const answer = await shop.send({ path: '/livez' });
    expect([answer.status, readJson(answer)]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready, and says how safe a commit is', async () => {
    const answer = await shop.send({ path: '/readyz' });
    expect([answer.status, readJson(answer)]).toEqual([
      200,
      expect.objectContaining({ status: 'ready', synchronous: 'FULL' }),
    ]);
  });

  it('names its version and the runtime it really runs on', async () => {
    const answer = await shop.send({ path: '/version' });
    expect(answer.status).toBe(200);
    const patterns = { node: /^node v\d+\.\d+\.\d+/, bun: /^bun \d+\.\d+\.\d+/, workerd: /^workerd$/ };
    const pattern = patterns[runtime];
    expect(readJson(answer)).toStrictEqual({ version, runtime: expect.stringMatching(pattern) });
  });

  it.each(nowhere)('answers not_found to $method $path', async (call) => {
    const answer = await shop.send(call);
    expectAnswer(answer, { status: 404, code: 'not_found', lacks: ['passwd', 'x'.repeat(100)] });
  });

  it.each(otherMethods)('answers method_not_allowed to $method $path', async (call) => {
    expectAnswer(await shop.send(call), { status: 405, code: 'method_not_allowed' });
  });

  it('keeps answering after all of them', async () => {
    expect((await shop.send({ path: '/readyz' })).status).toBe(200);
  });
});
