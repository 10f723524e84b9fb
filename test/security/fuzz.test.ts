/**
 * A fuzzer made from the published document: every answer is documented, and the file stays valid.
 * A failure prints its seed (FC_SEED); FC_RUNS sets the number of batches.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit, readFile } from '../../src/database/sqlite/file-rows.ts';
import { isOperators, type Operation } from '../../src/http/operation.ts';
import { runs, searchDeadlineMs } from '../property/runs.ts';
import { origin } from '../support/app-deps.ts';
import { expectNothingPersonal } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { expectDocumented } from '../support/documented.ts';
import { patienceMs } from '../support/patience.ts';
import { ids } from '../support/threaded-store.ts';
import { dropMarker, type FuzzedRequest, fuzzedRequests } from './fuzzed-request.ts';
import { chiefToken, openShopInProcess, type ShopInProcess } from './shop-in-process.ts';
import { operationsOn, Target } from './target.ts';

const batches = 30;
const batchRequests = 100;
const batchesOverSockets = 3;
const atOnce = 10;
/** Only a hang or an expensive request takes this long. */
const answerMaxMs = patienceMs;
/** Endless streams, threads per request and file copies: hostile-inputs.test.ts covers them. */
const slow = new Set(['watchStock', 'audit', 'exportOrders', 'backup', 'reconcile']);
const operations = operationsOn('node').filter(({ id }) => !slow.has(id));
const someRequests = fc.array(fuzzedRequests(operations), {
  minLength: batchRequests,
  maxLength: batchRequests,
});

/** The shop's values that a request needs. */
interface Known {
  dropId: string;
  orderId: string;
  orderToken: string;
  operatorToken: string;
}

function operationNamed(name: string): Operation {
  const found = operations.find(({ id }) => id === name);
  if (!found) throw new Error(`There is no operation ${name}.`);
  return found;
}

function addressed({ operation: name, method, id, query, body }: FuzzedRequest, known: Known) {
  const operation = operationNamed(name);
  const { path } = operation;
  const right = path.includes('/drops/')
    ? known.dropId
    : path.startsWith('/payments/')
      ? 'sandbox'
      : known.orderId;
  return {
    target: path.replace(':id', () => id ?? right) + query,
    token: isOperators(operation) ? known.operatorToken : known.orderToken,
    text: method === 'GET' || !operation.body ? undefined : body.replaceAll(dropMarker, () => known.dropId),
  };
}

async function expectOrderly(shop: ShopInProcess, fuzzed: FuzzedRequest, known: Known): Promise<void> {
  const { method, headers } = fuzzed;
  const { target, token, text } = addressed(fuzzed, known);
  const begunMs = performance.now();
  const response = await shop.fetch(
    new Request(origin + target, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}` },
      ...(text !== undefined && { body: text }),
    }),
  );
  const answer = await response.text();
  const what = `${method} ${target.slice(0, 300)} ${text?.slice(0, 500)}\n${response.status} ${answer.slice(0, 300)}`;
  expect(performance.now() - begunMs, what).toBeLessThan(answerMaxMs);
  expect(response.status, what).not.toBe(500);
  // The target as sent: URL parsing normalizes it.
  const { pathname, search } = new URL(origin + target);
  const contentType = response.headers.get('content-type') ?? '';
  expectDocumented(method, pathname + search, { status: response.status, contentType, text: answer });
  if (response.status < 400) return;
  expect(contentType, what).toMatch(/^application\/problem\+json|^text\/html/);
  expect(response.headers.get('cache-control'), what).toBe('no-store');
  expectNothingPersonal(answer);
}

describe('requests in this process', () => {
  let shop: ShopInProcess;
  beforeAll(async () => {
    shop = await openShopInProcess();
  });
  afterAll(() => shop.close());

  // One shop for all batches: opening it costs more than a batch, and its history makes it
  // realistic.
  test(
    `${batches * batchRequests} requests from the document, in batches`,
    async () => {
      const { dropId, orderId } = shop;
      const known = { dropId, orderId, orderToken: ids.orderToken(orderId), operatorToken: chiefToken };
      let judged = 0;
      await fc.assert(
        fc.asyncProperty(someRequests, async (requests) => {
          for (let from = 0; from < requests.length; from += atOnce) {
            const some = requests.slice(from, from + atOnce);
            await Promise.all(some.map((request) => expectOrderly(shop, request, known)));
            judged += some.length;
          }
          shop.expectCleanAudit();
        }),
        runs(batches, { class: 'hostile requests and clients', cases: () => judged }),
      );
    },
    searchDeadlineMs(batches),
  );
});

describe.each(machines)('requests over sockets on %s', (runtime) => {
  const shop = useServer(runtime);
  let target: Target;
  beforeAll(async () => {
    target = await Target.at(shop);
  });

  test(
    `${batchesOverSockets * batchRequests} requests from the document`,
    async () => {
      const { drop, purchase } = target;
      const known = {
        dropId: drop.id,
        orderId: purchase.order.id,
        orderToken: purchase.token,
        operatorToken: shop.server.adminToken,
      };
      let judged = 0;
      await fc.assert(
        fc.asyncProperty(someRequests, async (requests) => {
          await target.sendAll(
            requests.map((fuzzed) => {
              const { target: path, token, text } = addressed(fuzzed, known);
              const { method, headers } = fuzzed;
              return { method, path, token, headers, ...(text !== undefined && { body: text }) };
            }),
          );
          expect(readFile(shop.server.databaseFile, audit)).toEqual([]);
          judged += requests.length;
        }),
        runs(batchesOverSockets, { class: 'hostile requests and clients', cases: () => judged }),
      );
    },
    searchDeadlineMs(batchesOverSockets),
  );
});
