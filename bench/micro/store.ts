/**
 * Measures a point read, a list, the hop to the writer's thread and each hot route on a complete
 * database.
 */

import { dropPresentation } from '../../src/answers/representation.ts';
import { createApp } from '../../src/app.ts';
import { listOrders } from '../../src/database/order-list.ts';
import { orderReads } from '../../src/database/order-reads.ts';
import { openShopDatabase } from '../../src/database/sqlite/open-database.ts';
import { createIds } from '../../src/ids/ids.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { pageFiles } from '../../src/runtime/page-files.ts';
import { systemClock } from '../../src/split/system-clock.ts';
import { fill } from '../export/fill.ts';
import { checkAndRemove, createDrop, placeHold, scratchSettings } from './scratch.ts';
import { type Answer, type Case, many, time } from './timing.ts';

const ordersInFile = 100_000;
const secretKey = 'a secret for the bench, of 40 characters';
const ids = createIds(secretKey);
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export async function store(): Promise<Answer> {
  const connection = scratchSettings();
  const wrong: string[] = [];
  const open = () =>
    openShopDatabase(
      {
        connection,
        queue: { queueMax: 10_000, deadlineMs: 5_000, batchMax: 1_000 },
        readersMax: 4,
        backups: { folder: '/nowhere', keep: 1 },
        warmUpHolds: 0,
        secretKey,
      },
      dropPresentation(ids),
      systemClock,
      (reason) => wrong.push(`the writer failed: ${reason}`),
    );
  const first = await open();
  await first.submit(createDrop('micro'));
  await first.close(10_000);
  fill(connection.file, ordersInFile);
  const opened = await open();
  await opened.submit(createDrop('sold-out', 0));
  const [drop] = opened.snapshot.drops();
  const [item] = drop?.items ?? [];
  if (!drop || !item) throw new Error('The drop was not created.');

  const sandbox = createSandbox(secretKey, () => 'http://127.0.0.1');
  const app = createApp({
    db: opened,
    ids,
    clock: systemClock,
    log: silent,
    providers: new Map([[sandbox.name, sandbox]]),
    sandbox,
    rateLimits: null,
    reconcile: () => Promise.reject(new Error('Reconciliation is not part of this benchmark.')),
    adminTokenHash: null,
    holdSeconds: 600,
    shardsMax: 1,
    countsAllUnits: true,
    publicUrl: () => 'http://127.0.0.1',
    otherMetrics: async () => [],
    processFamilies: () => [],
    subscribers: [],
    pageFiles,
    version: 'bench',
    runtime: 'bench',
    tokensCommand: null,
    isStopping: () => false,
  });
  let buyer = 0;
  const get =
    (path: string, headers: Record<string, string> = {}) =>
    async (): Promise<number> => {
      const response = await app.fetch(new Request(`http://127.0.0.1${path}`, { headers }));
      await response.text();
      return response.status;
    };
  const buy = (dropId: string) => async (): Promise<number> => {
    buyer += 1;
    const response = await app.fetch(
      new Request('http://127.0.0.1/purchase', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
        body: JSON.stringify({
          dropId,
          sku: 'M',
          quantity: 1,
          customer: { email: `route-${buyer}@load.example` },
        }),
      }),
    );
    await response.text();
    return response.status;
  };
  const route = (name: string, ask: () => Promise<number>, status: number): Case => ({
    name,
    run: async () => {
      const answered = await ask();
      if (answered !== status) throw new Error(`${name} was answered with ${answered}.`);
    },
  });
  const orderId = ids.order({ dropId: drop.id, orderId: 1 });
  const bearer = { authorization: `Bearer ${ids.orderToken(orderId)}` };
  let key = 0;
  const unknownItem = (): ReturnType<typeof placeHold> => placeHold(1_000_000);
  try {
    const timings = await time([
      many('order read by its key', () => orderReads(opened).order((key++ % ordersInFile) + 1), 100),
      {
        name: 'newest 20 orders of a drop, on a read thread',
        run: () => listOrders(opened.parallel, { dropId: drop.id }, 20).next(),
      },
      { name: "hop to the writer's thread and back, 1 command", run: () => opened.submit(unknownItem()) },
      {
        name: "hop to the writer's thread and back, 64 commands, each",
        operations: 64,
        run: () => Promise.all(Array.from({ length: 64 }, () => opened.submit(unknownItem()))),
      },
      route('GET /drops', get('/drops'), 200),
      route('GET /drops/:id', get(`/drops/${ids.drop(drop.id)}`), 200),
      route('GET /orders/:id', get(`/orders/${orderId}`, bearer), 200),
      route('POST /purchase, alone, to its commit', buy('micro'), 201),
      {
        name: 'POST /purchase, 64 at once, each',
        operations: 64,
        run: () => Promise.all(Array.from({ length: 64 }, buy('micro'))),
      },
      route('POST /purchase, sold out', buy('sold-out'), 409),
    ]);
    return { timings, wrong };
  } finally {
    await opened.close(10_000);
    wrong.push(...checkAndRemove(connection));
  }
}
