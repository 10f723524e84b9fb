/** Subscribers of an object and of its catalogue: neither another one nor many sales delay any. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import { WebhookReceiver } from '../support/receivers.ts';
import type { Drop } from '../support/shapes.ts';
import { sleep, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const receiver = new WebhookReceiver();
beforeAll(async () => void (await receiver.listen()));
afterAll(() => receiver.close());
afterEach(() => {
  receiver.answer = () => 200;
  receiver.answerTo = () => null;
});

const items = [{ sku: 'one', name: 'One', price: 1250, stock: 9_000 }];
/** More than the catalogue's delay, a write to it, and a Worker's second of caching a list. */
const soonMs = 3_000;
/** An alarm has ended by then. */
const pauseMs = 500;
const accepts = (delayMs: number) => new Promise<number>((resolve) => setTimeout(resolve, delayMs, 200));

describe('an object', () => {
  const shop = useEdgeShop(() => ({ WEBHOOK_URLS: receiver.url, WEBHOOK_SECRET: receiver.secret }));
  const heldIn = async (slug: string) => {
    const { drops } = readJson<{ drops: Drop[] }>(await shop.send({ path: '/drops' }));
    return drops.find((drop) => drop.slug === slug)?.items[0]?.held ?? 0;
  };
  const hasAttempted = async (count: number) => {
    const before = receiver.attempts;
    await until(
      async () => receiver.attempts,
      (attempts) => attempts >= before + count,
    );
  };

  test('delivers the events after a refused one immediately, and only once', async () => {
    let refused: string | undefined;
    receiver.answerTo = (id) => {
      refused ??= id;
      return id === refused ? 500 : null;
    };
    const drop = await shop.createDrop({ items });
    await Promise.all([shop.buy(drop.id), shop.buy(drop.id), shop.buy(drop.id)]);
    const tries = () => receiver.tried.filter((id) => id === refused).length;
    // Later alarms retry it, each in a new life of the object.
    for (let alarms = 1; alarms <= 4; alarms += 1) {
      await until(
        async () => tries(),
        (times) => times >= alarms,
      );
      await sleep(pauseMs);
      await shop.end(createIds(shop.server.secretKey).parseDrop(drop.id) ?? 0);
    }
    const others = receiver.tried.filter((id) => id !== refused);
    expect(others.length).toBeGreaterThanOrEqual(2);
    expect(new Set(others).size).toBe(others.length);
    const late = await shop.buy(drop.id);
    const beganAt = Date.now();
    await until(
      async () => receiver.typesOf(late.order.id),
      (types) => types.length === 1,
    );
    expect(Date.now() - beganAt).toBeLessThan(soonMs);
  });

  test.each([
    ['fails repeatedly', () => 500, 5],
    ['does not answer', () => accepts(15_000), 1],
  ])('reports a sale to the catalogue immediately while a webhook %s', async (_, answer, attempts) => {
    receiver.answer = answer;
    const drop = await shop.createDrop({ items });
    await shop.buy(drop.id);
    await hasAttempted(attempts);
    await sleep(pauseMs);
    await shop.buy(drop.id);
    const beganAt = Date.now();
    await until(
      () => heldIn(drop.slug),
      (held) => held === 2,
    );
    expect(Date.now() - beganAt).toBeLessThan(soonMs);
  });

  test('reports a continuous sale to the catalogue while its webhooks are slow', async () => {
    receiver.answer = () => accepts(400);
    const drop = await shop.createDrop({ items });
    const endAt = Date.now() + 12_000;
    let bought = 0;
    const buyers = Array.from({ length: 8 }, async () => {
      for (; Date.now() < endAt; bought += 1) {
        await shop.buy(drop.id);
        await sleep(50);
      }
    });
    while (Date.now() < endAt - soonMs) {
      const before = bought;
      await sleep(soonMs);
      expect(await heldIn(drop.slug)).toBeGreaterThanOrEqual(before);
    }
    await Promise.all(buyers);
  });
});
