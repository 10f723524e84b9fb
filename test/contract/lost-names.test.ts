/** A server whose last commits are lost: no name that it gave for them is given to anybody else, and their money goes back. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Answer, readJson } from '../support/client.ts';
import { machines, runtimes } from '../support/contract-server.ts';
import type { LoopbackSession } from '../support/loopback-stripe.ts';
import { runCommand } from '../support/operator-command.ts';
import { expectAnswer } from '../support/scenario.ts';
import type { RuntimeName } from '../support/server-process.ts';
import type { AdminDrop, Purchase } from '../support/shapes.ts';
import { purchaseCall } from '../support/shop.ts';
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

/** A buyer of before and one of after the loss, who ask for the same; the first has a payment page open. */
interface Buyers {
  lost: Purchase;
  page: LoopbackSession;
  known: Purchase;
}

/** `lose` ends the server, and takes away what has happened since some moment before. */
async function buyersAround(
  shop: StripeShop,
  drop: AdminDrop,
  runtime: RuntimeName,
  lose: () => Promise<void>,
): Promise<Buyers> {
  const { databaseFile } = shop.server;
  const lost = await shop.buy(drop.id);
  const page = await shop.openSession(lost);
  await lose();
  await shop.start(runtime, databaseFile);
  const known = await shop.buy(drop.id);
  return { lost, page, known };
}

/** Resolves with what kills the server and goes back to this moment. */
async function backUp(shop: StripeShop, runtime: RuntimeName): Promise<() => Promise<void>> {
  const { databaseFile } = shop.server;
  expect((await shop.admin({ method: 'POST', path: '/admin/backup' })).status).toBe(201);
  const [backup = ''] = readdirSync(`${databaseFile}.backups`).filter((name) => name.endsWith('.db'));
  return async () => {
    await shop.server.kill();
    const restored = runCommand(runtime, 'stampede', databaseFile, ['restore', backup, '--force']);
    expect(restored.code, restored.stderr).toBe(0);
  };
}

async function expectNoNameTwice(shop: StripeShop, drop: AdminDrop, buyers: Buyers): Promise<void> {
  const { lost, page, known } = buyers;
  expect(known.order.id).not.toBe(lost.order.id);
  expect(known.token).not.toBe(lost.token);
  expect(known.order.number).not.toBe(lost.order.number);
  expectAnswer(await withToken(shop, known, lost.token), { status: 404, code: 'not_found' });
  expectAnswer(await withToken(shop, lost, lost.token), { status: 404, code: 'not_found' });

  // The payment page of the lost order is still open.
  expect(readJson<object>(await shop.charge(page))).toMatchObject({ effect: 'refund_due' });
  expect((await shop.order(known)).order.status).toBe('held');
  await expect.poll(() => [...shop.stripe.payments.values()].map(({ refunds }) => refunds)).toEqual([1]);
  expect((await shop.charge(await shop.openSession(known))).status).toBe(200);
  expect((await shop.order(known)).order.status).toBe('paid');
  expect(shop.kept()).toBe(1);
  const audit = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
  expect(readJson<object>(audit)).toMatchObject({ isClean: true, violations: [] });
}

describe.each(runtimes)('the end of a file that is lost, on %s', (runtime) => {
  test('takes its names with it', async () => {
    const { shop, drop } = await openShop(runtime);
    const { databaseFile } = shop.server;
    const folder = dirname(databaseFile);
    // The same files as after a power loss, or on another machine.
    await shop.server.stop();
    const kept = mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-kept-'));
    cpSync(folder, kept, { recursive: true });
    await shop.start(runtime, databaseFile);
    const buyers = await buyersAround(shop, drop, runtime, async () => {
      await shop.server.kill();
      rmSync(folder, { recursive: true });
      cpSync(kept, folder, { recursive: true });
    });
    await expectNoNameTwice(shop, drop, buyers);
  });
});

describe.each(machines)('a backup that is restored, on %s', (runtime) => {
  test('gives no name again that was given after it, also to a refund', async () => {
    const { shop, drop } = await openShop(runtime);
    const goBack = await backUp(shop, runtime);
    const refunded = (): number[] => [...shop.stripe.payments.values()].map(({ refunds }) => refunds).sort();

    // Somebody pays twice, so that Stripe knows the key of a refund, and would answer the same key by the same refund.
    const twice = await shop.buy(drop.id);
    const [first, second] = [await shop.openSession(twice), await shop.openSession(twice)];
    await shop.charge(first);
    await shop.charge(second);
    await shop.settled();
    expect(refunded()).toEqual([0, 1]);

    const { page, known } = await buyersAround(shop, drop, runtime, goBack);
    expect((await shop.charge(page)).status).toBe(200);
    await shop.settled();
    expect(refunded()).toEqual([0, 1, 1]);
    expect((await shop.order(known)).order.status).toBe('held');
    expect(shop.violations()).toEqual([]);
  });

  test('a retry of a lost purchase is a new one', async () => {
    const { shop, drop } = await openShop(runtime);
    const { databaseFile } = shop.server;
    const goBack = await backUp(shop, runtime);
    const call = purchaseCall(drop.id, {}, '4f1d0f0e-8d5c-4c12-9d0b-6f6f1a3e9b11');
    const lost = readJson<Purchase>(await shop.send(call));
    await goBack();
    await shop.start(runtime, databaseFile);
    const again = await shop.send(call);
    expect(again.status).toBe(201);
    expect(readJson<Purchase>(again).order.id).not.toBe(lost.order.id);
  });
});
