/**
 * `npm run bench:catalogue`: the D1 statements of an anonymous crowd, and the cost of queries about
 * one customer, in workerd.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dropBody, isoFromNow, unique } from '../../support/shop.ts';
import { EdgeShop, faultyBundle } from '../worker-under-test.ts';
import { CustomerQuestions } from './customers.ts';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '4' },
    drops: { type: 'string', default: '200' },
  },
});
const [clients, seconds, drops] = [values.clients, values.seconds, values.drops].map(Number) as [
  number,
  number,
  number,
];
const DAY_MS = 24 * 3_600_000;

const shop = new EdgeShop();
const bundle = await faultyBundle();
await shop.start(bundle, { RATE_LIMIT: 'on' });
const { url, adminToken } = shop.server;
for (let index = 0; index < drops; index += 1) {
  const isOver = index % 10 > 0;
  const times = isOver ? { startsAt: isoFromNow(-100 * DAY_MS), endsAt: isoFromNow(-90 * DAY_MS) } : {};
  const made = await fetch(`${url}/admin/drops`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(dropBody(times)),
  });
  if (made.status !== 201) throw new Error(await made.text());
}

/**
 * Returns the request of a client by its number. Each client has its own address, unless the
 * request sets one.
 */
type Ask = (client: number) => { path: string; headers?: Record<string, string> };
const scenarios: Record<string, Ask> = {
  'the list': () => ({ path: '/drops' }),
  'the list, with made-up bookmarks': () => ({
    path: '/drops',
    headers: { 'x-d1-bookmark': `00000001-${unique()}` },
  }),
  'one unknown slug': () => ({ path: '/drops/soon' }),
  'made-up slugs': () => ({ path: `/drops/${unique()}` }),
  'made-up slugs of one address': () => ({
    path: `/drops/${unique()}`,
    headers: { 'cf-connecting-ip': '203.0.113.9' },
  }),
  'operators’ lists without a token': () => ({ path: '/admin/orders' }),
};

// Before the crowd, after which workerd resets some connections.
const questions = new CustomerQuestions(shop);
await questions.prepare();
process.stdout.write('| an operator asks about one customer | ms | requests to objects |\n|---|---|---|\n');
process.stdout.write(`${(await questions.measure()).join('\n')}\n\n`);

process.stdout.write(`${clients} clients, ${seconds} s, ${drops} drops, nine of ten ended long ago\n\n`);
process.stdout.write('| what they ask for | answers | statements in D1 |\n|---|---|---|\n');
for (const [name, ask] of Object.entries(scenarios)) {
  const before = await shop.fault();
  const endMs = performance.now() + seconds * 1_000;
  let answers = 0;
  const client = async (index: number): Promise<void> => {
    while (performance.now() < endMs) {
      const { path, headers = {} } = ask(index);
      const address = `203.0.${Math.floor(index / 250)}.${index % 250}`;
      // workerd resets some connections of a simultaneous crowd.
      const answer = await fetch(url + path, { headers: { 'cf-connecting-ip': address, ...headers } }).catch(
        () => null,
      );
      await answer?.arrayBuffer();
      if (answer) answers += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  const { catalogueStatements } = await shop.fault();
  process.stdout.write(`| ${name} | ${answers} | ${catalogueStatements - before.catalogueStatements} |\n`);
}
await shop.server.stop();
rmSync(bundle, { recursive: true, force: true });
