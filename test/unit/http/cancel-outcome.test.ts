/** The cancel form of an order's page: it shows the writer's refusal, and the order stays. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropPresentation } from '../../../src/answers/representation.ts';
import { createApp } from '../../../src/app.ts';
import type { ShopDatabase } from '../../../src/database/shop-database.ts';
import { type OwnDatabase, openShopDatabase } from '../../../src/database/sqlite/open-database.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { appDeps, origin } from '../../support/app-deps.ts';
import { createDrop, minuteMs } from '../../support/commands.ts';
import { patienceMs } from '../../support/patience.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';

const secretKey = 'one-secret-0123456789abcdef0123456789abcdef';
const ids = createIds(secretKey);
let store: OwnDatabase;

beforeAll(async () => {
  store = await openShopDatabase(
    {
      connection: settingsFor(migratedFile()),
      queue: { queueMax: 1_000, deadlineMs: patienceMs, batchMax: 100 },
      readersMax: 1,
      backups: { folder: '/nowhere', keep: 1 },
      warmUpHolds: 0,
      secretKey,
    },
    dropPresentation(ids),
    systemClock,
    () => undefined,
  );
});
afterAll(() => store.close(2_000));

/** The real store with a writer that refuses every command like this. */
const refusing = (outcome: object): ShopDatabase =>
  new Proxy<ShopDatabase>(store, {
    get: (target, name) => {
      if (name === 'submit') return async () => outcome;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

test.each([
  [{ kind: 'overloaded', retryAfterSeconds: 1 }, 'Temporarily unavailable'],
  [{ kind: 'disk_full' }, 'Temporarily unavailable'],
  [{ kind: 'stopping' }, 'Temporarily unavailable'],
  [{ kind: 'outcome_unknown' }, 'can’t tell yet whether this worked'],
])('the outcome %j is shown with the order', async (outcome, words) => {
  const slug = `drop-${outcome.kind.replace('_', '-')}`;
  await store.submit(createDrop({ slug, startsAt: Date.now() - minuteMs }));
  const bought = await createApp(appDeps({ db: store, ids })).fetch(
    new Request(`${origin}/purchase`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dropId: slug, quantity: 1, customer: { email: 'b@example.com' } }),
    }),
  );
  const { order, token } = (await bought.json()) as { order: { id: string }; token: string };
  const answer = await createApp(appDeps({ db: refusing(outcome), ids })).fetch(
    new Request(`${origin}/o/${order.id}/cancel`, {
      method: 'POST',
      headers: { cookie: `order=${token}`, origin },
    }),
  );
  const page = await answer.text();
  expect([answer.status, page]).toEqual([503, expect.stringContaining('Reserved for you')]);
  expect(page).toMatch(new RegExp(`role="alert">[^<]*${words}`));
  // A reload would submit the form again.
  expect(page).not.toContain('http-equiv="refresh"');
});
