/** Malformed requests: wrong lengths, dropped connections, invalid hosts; the server survives. */
import { describe, expect, it } from 'vitest';
import { machines, useServer } from '../support/contract-server.ts';
import { sendRaw, statusesOf } from '../support/raw-request.ts';
import { purchaseCall } from '../support/shop.ts';

const postHead = (fields: readonly string[]): string =>
  ['POST /purchase HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', ...fields, '', ''].join(
    '\r\n',
  );
const get = (path: string, host: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;

const hosts: readonly { name: string; host: string }[] = [
  '',
  'a b',
  '[',
  'localhost:99999',
  '%00',
  '"><script>',
  '.',
  'a'.repeat(300),
  'other.example',
].map((host) => ({ name: JSON.stringify(host.slice(0, 16)), host }));

/** Requests that are invalid HTTP: the server's parser may answer, or close the connection. */
const broken: readonly { name: string; bytes: string }[] = [
  { name: 'another protocol', bytes: '\u0016\u0003\u0001\u0002\r\n\r\n' },
  { name: 'an unknown method', bytes: 'BREW /livez HTTP/1.1\r\nHost: localhost\r\n\r\n' },
  {
    name: 'a control character in a header',
    bytes: 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\u0001b\r\n\r\n',
  },
  { name: 'a header of 40,000 characters', bytes: `GET /livez HTTP/1.1\r\nX: ${'x'.repeat(40_000)}\r\n\r\n` },
  { name: 'a negative length', bytes: `${postHead(['Content-Length: -1'])}{}` },
  { name: 'a length in words', bytes: `${postHead(['Content-Length: 1e3'])}{}` },
  { name: 'two lengths', bytes: `${postHead(['Content-Length: 2', 'Content-Length: 3'])}{}1` },
  {
    name: 'a length and chunks',
    bytes: `${postHead(['Content-Length: 5', 'Transfer-Encoding: chunked'])}0\r\n\r\n`,
  },
  { name: 'a chunk of no size', bytes: `${postHead(['Transfer-Encoding: chunked'])}zz\r\n{}\r\n0\r\n\r\n` },
];

describe.each(machines)('transport on %s', (runtime) => {
  const shop = useServer(runtime);
  const raw: (bytes: string, options?: Parameters<typeof sendRaw>[2]) => Promise<string> = (bytes, options) =>
    sendRaw(shop.server.url, bytes, options);

  async function expectAlive(): Promise<void> {
    expect((await shop.send({ path: '/livez' })).status).toBe(200);
  }

  it.each([70_000, 1_048_576, 3_000_000, 10_000_000_000])(
    'refuses %d bytes by the announced length alone, before they are sent',
    async (sizeBytes) => {
      const received = await raw(postHead([`Content-Length: ${sizeBytes}`]));
      expect(statusesOf(received), received).toEqual([413]);
      expect(received).toContain('application/problem+json');
      expect(received).toContain('"code":"too_large"');
      await expectAlive();
    },
  );

  it.each([
    { name: 'with a length', head: postHead(['Content-Length: 70000']), body: 'x'.repeat(70_000) },
    {
      name: 'in chunks',
      head: postHead(['Transfer-Encoding: chunked']),
      body: `${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n0\r\n\r\n`,
    },
  ])('does not take a refused body $name for the next request', async ({ head, body }) => {
    const received = await raw(`${head}${body}${get('/livez', 'localhost')}`);
    // After the refusal the server may close the connection or answer the next request.
    expect([[413], [413, 200]]).toContainEqual(statusesOf(received));
    await expectAlive();
  });

  it('survives an aborted body', async () => {
    await raw(`${postHead(['Content-Length: 1000'])}{"dropId":`, { hangsUp: true });
    await raw(`${postHead(['Transfer-Encoding: chunked'])}ff\r\n{"dropId":`, { hangsUp: true });
    await expectAlive();
  });

  it.each(hosts)('never answers 500 to the host $name', async ({ host }) => {
    for (const path of ['/livez', '/drops', `/o/ord_${'A'.repeat(22)}`, `/pay/ord_${'A'.repeat(22)}`]) {
      for (const status of statusesOf(await raw(get(path, host)))) {
        expect([path, status]).not.toEqual([path, 500]);
      }
    }
    await expectAlive();
  });

  it.each([
    { coding: 'chunked', version: '1.1', statuses: [201] },
    { coding: 'CHUNKED', version: '1.1', statuses: [201] },
    { coding: 'gzip, chunked', version: '1.1', statuses: [400] },
    { coding: 'gzip\r\nTransfer-Encoding: chunked', version: '1.1', statuses: [400] },
    { coding: 'identity, chunked', version: '1.1', statuses: [400] },
    { coding: 'chunked, chunked', version: '1.1', statuses: [400] },
    { coding: 'gzip', version: '1.1', statuses: [400] },
    { coding: 'chunked', version: '1.0', statuses: [400] },
  ])('answers $statuses to the coding $coding in HTTP/$version', async ({ coding, version, statuses }) => {
    const drop = await shop.createDrop();
    const body = JSON.stringify(purchaseCall(drop.id).json);
    const head = postHead([`Transfer-Encoding: ${coding}`, 'Connection: close']);
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const received = await raw(head.replace('HTTP/1.1', `HTTP/${version}`) + chunks);
    expect(statusesOf(received), received).toEqual(statuses);
    await expectAlive();
  });

  it.each(broken)('answers 4xx to $name, or closes the connection', async ({ bytes }) => {
    for (const status of statusesOf(await raw(bytes))) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    await expectAlive();
  });
});
