/** The payment page never redirects to a checkout of another order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import { orderReads } from '../../../src/database/order-reads.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import type { PaymentProvider } from '../../../src/payments/provider.ts';
import { createSandbox } from '../../../src/payments/sandbox.ts';
import { appDeps, origin } from '../../support/app-deps.ts';
import { createDrop, minuteMs, placed, placeHold } from '../../support/commands.ts';
import { migratedFile } from '../../support/scratch-store.ts';
import { ids, openThreadedStore } from '../../support/threaded-store.ts';

let store: OwnDatabase;

beforeAll(async () => {
  store = await openThreadedStore(migratedFile());
  await store.submit(createDrop({ startsAt: Date.now() - minuteMs }));
});
afterAll(() => store.close(2_000));

test('a checkout that the provider also gave to another order is not offered', async () => {
  const provider: PaymentProvider = {
    ...createSandbox('a-secret-of-thirty-two-characters', () => origin),
    checkout: async ({ expiresAt }) => ({ reference: '4711', url: 'https://pay.example/4711', expiresAt }),
  };
  const app = createApp(appDeps({ db: store, ids, providers: new Map([[provider.name, provider]]) }));
  const payFor = async (
    customer: string,
  ): Promise<{ status: number; location: string | null; order?: string }> => {
    const { id: orderId } = placed(await store.submit(placeHold(customer)));
    const { status, headers } = await app.fetch(
      new Request(`${origin}/pay/${ids.order({ dropId: 1, orderId })}`),
    );
    const order = orderReads(store).order(orderId)?.order.status;
    return { status, location: headers.get('location'), ...(order && { order }) };
  };
  expect(await payFor('ann')).toEqual({ status: 303, location: 'https://pay.example/4711', order: 'held' });
  expect(await payFor('bob')).toEqual({ status: 410, location: null, order: 'released' });
});

/** A provider that opens another checkout with each call, each after `delayMs`. */
const opening = (
  delaysMs: number[],
  queryCheckout: PaymentProvider['queryCheckout'],
  expiresInMs = 600_000,
) => {
  const ended: string[] = [];
  let calls = 0;
  const provider: PaymentProvider = {
    ...createSandbox('a-secret-of-thirty-two-characters', () => origin),
    name: 'stripe',
    async checkout({ orderId }) {
      calls += 1;
      const reference = `${orderId}-${calls}`;
      await new Promise((resolve) => setTimeout(resolve, delaysMs[calls - 1]));
      return { reference, url: `https://pay.example/${reference}`, expiresAt: Date.now() + expiresInMs };
    },
    closeCheckout: async (reference) => void ended.push(reference),
    queryCheckout,
  };
  const app = createApp(appDeps({ db: store, ids, providers: new Map([[provider.name, provider]]) }));
  return { app, ended };
};
const newOrder = async (): Promise<string> => {
  const customer = crypto.randomUUID();
  return ids.order({ dropId: 1, orderId: placed(await store.submit(placeHold(customer))).id });
};
const final: PaymentProvider['queryCheckout'] = async () => ({ isFinal: true, events: [] });
const openOf = (ref: string): string[] =>
  moneyReads(store)
    .openCheckoutsOfOrder(ids.parseOrder(ref)?.orderId ?? 0)
    .map(({ reference }) => reference);

test('two simultaneous clicks lead to one checkout, and the other one is ended at the provider', async () => {
  const { app, ended } = opening([200, 0], final);
  const ref = await newOrder();
  const click = async () => (await app.fetch(new Request(`${origin}/pay/${ref}`))).headers.get('location');
  const urls = await Promise.all([click(), click()]);
  expect(urls).toEqual(urls.map(() => `https://pay.example/${ref}-2`));
  expect(openOf(ref)).toEqual([`${ref}-2`]);
  expect(ended).toEqual([`${ref}-1`]);
  expect(await click()).toBe(urls[0]);
});

test('no other checkout is opened while an expired one may still receive money', async () => {
  let isFinal = false;
  const { app } = opening([0, 0], async () => ({ isFinal, events: [] }), -1);
  const ref = await newOrder();
  const click = async () => {
    const { status, headers } = await app.fetch(new Request(`${origin}/pay/${ref}`));
    return [status, headers.get('location')];
  };
  expect(await click()).toEqual([303, `https://pay.example/${ref}-1`]);
  expect(await click()).toEqual([503, null]);
  expect(openOf(ref)).toEqual([`${ref}-1`]);
  isFinal = true;
  expect(await click()).toEqual([303, `https://pay.example/${ref}-2`]);
  expect(openOf(ref)).toEqual([`${ref}-2`]);
});
