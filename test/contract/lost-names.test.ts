/** A server that lost its last commits never reissues their names, and refunds their payments. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { machines, runtimes } from '../support/contract-server.ts';
import type { LoopbackSession } from '../support/loopback-stripe-objects.ts';
import { runCommand } from '../support/operator-command.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { RuntimeName } from '../support/server-process.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { payPath, purchaseCall } from '../support/shop.ts';
import { StripeShop } from '../support/stripe-shop.ts';

async function openShop(runtime: RuntimeName): Promise<{ shop: StripeShop; drop: AdminDrop }> {
  const shop = new StripeShop();
  await shop.stripe.listen();
  await shop.start(runtime);
  onTestFinished(async () => {
    await shop.server.kill();
    await shop.stripe.close();
  });
  return { shop, drop: await shop.createDrop() };
}

const withToken = (shop: StripeShop, { order }: Purchase, token: string): Promise<Answer> =>
  shop.send({ path: `/orders/${order.id}`, token });

/** One order per generation of names: before the kept state, lost after it, and after the loss. */
interface Buyers {
  early: Purchase;
  earlyPage: LoopbackSession;
  lost: Purchase;
  lostPage: LoopbackSession;
  later: Purchase;
}

/** Ends the server and restores an earlier state. Can be called repeatedly. */
type GoBack = () => Promise<void>;

/** A way to lose the tail: what it keeps, and on which runtimes. */
type Way = [
  name: string,
  runtime: RuntimeName,
  keep: (shop: StripeShop, runtime: RuntimeName) => Promise<GoBack>,
];

async function backUp(shop: StripeShop, runtime: RuntimeName): Promise<GoBack> {
  const { databaseFile } = shop.server;
  expect((await shop.admin({ method: 'POST', path: '/admin/backup' })).status).toBe(201);
  const [backup = ''] = readdirSync(`${databaseFile}.backups`).filter((name) => name.endsWith('.db'));
  return async () => {
    await shop.server.kill();
    const restored = runCommand(runtime, 'stampede', databaseFile, ['restore', backup, '--force']);
    expect(restored.code, restored.stderr).toBe(0);
  };
}

/** Copies a folder, as a power loss, another machine or the platform's recovery restores it. */
const keepFolder =
  (part: string) =>
  async (shop: StripeShop, runtime: RuntimeName): Promise<GoBack> => {
    const { databaseFile } = shop.server;
    const folder = join(dirname(databaseFile), part);
    await shop.server.stop();
    const kept = mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-kept-'));
    cpSync(folder, kept, { recursive: true });
    await shop.start(runtime, databaseFile);
    return async () => {
      await shop.server.kill();
      rmSync(folder, { recursive: true });
      cpSync(kept, folder, { recursive: true });
    };
  };

const ways: Way[] = [
  ...runtimes.map((runtime): Way => ['the end of a file that is lost', runtime, keepFolder('.')]),
  ...runtimes
    .filter((runtime) => runtime === 'workerd')
    .map((runtime): Way => ['objects that go back without the catalogue', runtime, keepFolder('do')]),
  ...machines.map((runtime): Way => ['a backup that is restored', runtime, backUp]),
];

const refunds = (shop: StripeShop): number[] =>
  [...shop.stripe.payments.values()].map((payment) => payment.refunds).sort();

async function expectCleanAudit(shop: StripeShop, drop: AdminDrop): Promise<void> {
  const audit = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
  expect(readJson<object>(audit)).toMatchObject({ isClean: true, violations: [] });
}

async function expectNoNameTwice(shop: StripeShop, { early, lost, later }: Buyers): Promise<void> {
  for (const name of [(one: Purchase) => one.order.id, (one: Purchase) => one.token]) {
    expect(new Set([early, lost, later].map(name)).size).toBe(3);
  }
  expect(new Set([early, lost, later].map(({ order }) => order.number)).size).toBe(3);
  expectAnswer(await withToken(shop, later, lost.token), { status: 404, code: 'not_found' });
  expectAnswer(await withToken(shop, later, early.token), { status: 404, code: 'not_found' });
}

/** Every route rejects the token of a lost order, and none returns another order for it. */
async function expectLost(shop: StripeShop, drop: AdminDrop, lost: Purchase): Promise<void> {
  const before = await shop.stateOf(drop.id);
  expectAnswer(await withToken(shop, lost, lost.token), { status: 404, code: 'not_found' });
  expectAnswer(await shop.cancel(lost), { status: 404, code: 'not_found' });
  expect((await shop.send({ path: payPath(lost) })).status).toBe(404);
  expect(await shop.stateOf(drop.id)).toBe(before);
}

describe.each(ways)('%s, on %s', (_way, runtime, keep) => {
  test('takes its names with it', async () => {
    const { shop, drop } = await openShop(runtime);
    const { databaseFile } = shop.server;
    const early = await shop.buy(drop.id);
    const earlyPage = await shop.openSession(early);
    const goBack = await keep(shop, runtime);
    const call = purchaseCall(drop.id, {}, '4f1d0f0e-8d5c-4c12-9d0b-6f6f1a3e9b11');
    const lost = readJson<Purchase>(await shop.send(call));
    const lostPage = await shop.openSession(lost);
    const paidEarly = await shop.buy(drop.id);
    const known = await shop.stripe.pay((await shop.openSession(paidEarly)).id);
    expect(readJson<object>(await shop.deliver(known))).toMatchObject({ effect: 'paid' });
    await goBack();
    await shop.start(runtime, databaseFile);

    const later = await shop.buy(drop.id);
    await expectNoNameTwice(shop, { early, earlyPage, lost, lostPage, later });
    await expectLost(shop, drop, lost);
    await expectLost(shop, drop, paidEarly);
    // The lost order's payment page is still open, and the provider resends its old webhook.
    for (const answer of [await shop.charge(lostPage), await shop.deliver(known)]) {
      expect(readJson<object>(answer)).toMatchObject({ effect: 'refund_due' });
    }
    expect((await shop.order(later)).order.status).toBe('held');
    await expect.poll(() => refunds(shop)).toEqual([1, 1]);
    await shop.settled();
    const sent = await shop.admin({ path: '/admin/refunds?status=sent' });
    expect(readJson<{ refunds: { reason: string }[] }>(sent).refunds.map(({ reason }) => reason)).toEqual([
      'unknown_order',
      'unknown_order',
    ]);

    // Orders of the other generations can be paid as usual.
    expect(readJson<object>(await shop.charge(earlyPage))).toMatchObject({ effect: 'paid' });
    expect((await shop.charge(await shop.openSession(later))).status).toBe(200);
    for (const one of [early, later]) expect((await shop.order(one)).order.status).toBe('paid');
    expect(shop.kept()).toBe(2);

    const again = await shop.send(call);
    expect(again.status).toBe(201);
    expect(readJson<Purchase>(again).order.id).not.toBe(lost.order.id);
    await expectCleanAudit(shop, drop);
  });

  test('loses no name to a second loss', async () => {
    const { shop, drop } = await openShop(runtime);
    const { databaseFile } = shop.server;
    const goBack = await keep(shop, runtime);
    const lost: Purchase[] = [];
    const pages: LoopbackSession[] = [];
    for (let loss = 1; loss <= 2; loss += 1) {
      const purchase = await shop.buy(drop.id);
      lost.push(purchase);
      pages.push(await shop.openSession(purchase));
      await goBack();
      await shop.start(runtime, databaseFile);
    }
    const known = await shop.buy(drop.id);
    const all = [...lost, known];
    expect(new Set(all.flatMap(({ order, token }) => [order.id, order.number, token])).size).toBe(9);
    for (const page of pages) {
      expect(readJson<object>(await shop.charge(page))).toMatchObject({ effect: 'refund_due' });
    }
    await expect.poll(() => refunds(shop)).toEqual([1, 1]);
    for (const one of lost) await expectLost(shop, drop, one);
    expect((await shop.order(known)).order.status).toBe('held');
    await expectCleanAudit(shop, drop);
  });
});

describe.each(machines)('a backup that is restored, on %s', (runtime) => {
  test('gives no key of a refund again that was given after it', async () => {
    const { shop, drop } = await openShop(runtime);
    const { databaseFile } = shop.server;
    const goBack = await backUp(shop, runtime);

    // The buyer pays twice, so that Stripe knows a refund's key and would replay that refund for
    // it.
    const twice = await shop.buy(drop.id);
    const [first, second] = [await shop.openSession(twice), await shop.openSession(twice)];
    await shop.charge(first);
    await shop.charge(second);
    await shop.settled();
    expect(refunds(shop)).toEqual([0, 1]);

    const page = await shop.openSession(await shop.buy(drop.id));
    await goBack();
    await shop.start(runtime, databaseFile);
    const known = await shop.buy(drop.id);
    expect((await shop.charge(page)).status).toBe(200);
    await shop.settled();
    expect(refunds(shop)).toEqual([0, 1, 1]);
    expect((await shop.order(known)).order.status).toBe('held');
    expect(shop.violations()).toEqual([]);
  });
});
