/** The way to a payment page: nobody is led to a checkout that belongs to another order. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import type { SqliteStore } from '../../src/database/sqlite/sqlite-store.ts';
import type { PaymentProvider } from '../../src/payments/provider.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { appDeps, origin } from '../support/app-deps.ts';
import { createDrop, minuteMs, placed, placeHold } from '../support/commands.ts';
import { migratedFile } from '../support/scratch-store.ts';
import { ids, openThreadedStore } from '../support/threaded-store.ts';

let store: SqliteStore;

beforeAll(async () => {
  store = await openThreadedStore(migratedFile());
  await store.submit(createDrop({ startsAt: Date.now() - minuteMs }));
});
afterAll(() => store.close(2_000));

test('a provider that gives two orders one checkout is no way to pay for the second', async () => {
  const provider: PaymentProvider = {
    ...createSandbox('a-secret-of-thirty-two-characters', () => origin),
    checkout: async ({ expiresAt }) => ({ reference: '4711', url: 'https://pay.example/4711', expiresAt }),
  };
  const app = createApp(appDeps({ store, ids, providers: new Map([[provider.name, provider]]) }));
  const payFor = async (
    customer: string,
  ): Promise<{ status: number; location: string | null; order?: string }> => {
    const { id: orderId } = placed(await store.submit(placeHold(customer)));
    const { status, headers } = await app.fetch(
      new Request(`${origin}/pay/${ids.order({ dropId: 1, orderId })}`),
    );
    const order = store.reads.order(orderId)?.order.status;
    return { status, location: headers.get('location'), ...(order && { order }) };
  };
  expect(await payFor('ann')).toEqual({ status: 303, location: 'https://pay.example/4711', order: 'held' });
  expect(await payFor('bob')).toEqual({ status: 410, location: null, order: 'released' });
});
