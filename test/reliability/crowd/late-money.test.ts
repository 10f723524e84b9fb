/** Ten buyers per unit, a third of whom pay after their hold: one payment is kept per unit. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { readJson } from '../../support/client.ts';
import { runtimes } from '../../support/contract-server.ts';
import type { LoopbackSession } from '../../support/loopback-stripe-objects.ts';
import type { Purchase } from '../../support/shapes.ts';
import { customer, purchaseCall, sleep, until } from '../../support/shop.ts';
import { StripeShop } from '../../support/stripe-shop.ts';
import { sized } from '../../support/suite.ts';

const stock = sized(100, 20);
const buyers = stock * 10;
const lateBuyers = Math.floor(buyers / 3);
const payersAtOnce = 50;
/** Few enough to open a payment page within the hold on a slow machine. */
const lateAtOnce = 10;
const holdSeconds = 1;

/** Runs `work` for each of `count`, some concurrently. */
async function inCrowd(
  count: number,
  work: (index: number) => Promise<void>,
  atOnce = payersAtOnce,
): Promise<void> {
  const next = Array.from({ length: count }, (_, index) => index).values();
  const worker = async (): Promise<void> => {
    for (const index of next) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

describe.each(runtimes)('a drop with ten buyers per unit, a third of whom pay late, on %s', (runtime) => {
  it('keeps one payment per unit, refunds every other one once, and passes the audit', async () => {
    const shop = new StripeShop();
    await shop.stripe.listen();
    const server = await shop.start(runtime);
    onTestFinished(async () => {
      await server.kill();
      await shop.stripe.close();
    });
    const items = [{ sku: 'one', name: 'One', price: 1250, stock }];
    const drop = await shop.createDrop({ items, holdSeconds });
    const customers = Array.from({ length: buyers }, () => customer());
    const late: LoopbackSession[] = [];

    /** Holds a unit and opens its payment page; null if nothing is left, or the hold expired. */
    const tryToBuy = async (buyer: number): Promise<LoopbackSession | null> => {
      const answer = await shop.send(purchaseCall(drop.id, { customer: customers[buyer] }));
      if (answer.status === 201) return shop.tryToOpenSession(readJson<Purchase>(answer));
      expect(readJson<{ code: string }>(answer).code).toBe('sold_out');
      return null;
    };
    const soldUnits = async () => (await shop.drop(drop.id)).items[0]?.sold ?? 0;

    // The late payers repeatedly hold every unit, open the payment page, and let the hold expire.
    await inCrowd(
      lateBuyers,
      async (buyer) => {
        let session = await tryToBuy(buyer);
        while (!session) {
          await sleep(100);
          session = await tryToBuy(buyer);
        }
        late.push(session);
      },
      lateAtOnce,
    );
    expect(late).toHaveLength(lateBuyers);
    await until(
      () => shop.drop(drop.id),
      ({ items: [item] }) => item?.held === 0,
    );

    // Then all pay at once, late payers and new buyers, until nothing is left.
    await inCrowd(buyers, async (index) => {
      const session = index % 3 === 0 ? late[index / 3] : undefined;
      if (session) {
        expect((await shop.charge(session)).status).toBe(200);
        return;
      }
      while ((await soldUnits()) < stock) {
        const mine = await tryToBuy(lateBuyers + (index % (buyers - lateBuyers)));
        if (mine) {
          expect((await shop.charge(mine)).status).toBe(200);
          return;
        }
        await sleep(50);
      }
    });

    expect(await soldUnits()).toBe(stock);
    await shop.settled();
    const payments = [...shop.stripe.payments.values()];
    expect(payments.length).toBeGreaterThan(lateBuyers);
    expect(shop.kept()).toBe(stock);
    expect(payments.filter(({ refunds }) => refunds > 1)).toEqual([]);
    const audit = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
    expect(readJson<object>(audit)).toMatchObject({
      isClean: true,
      items: [{ stock, sold: stock, held: 0 }],
      payments: { count: payments.length },
      kept: { count: stock, amount: stock * 1250 },
      refunds: { sent: { count: payments.length - stock }, pending: { count: 0 }, failed: { count: 0 } },
      violations: [],
    });
    expect(await server.stop()).toEqual({ code: 0, signal: null });
  });
});
