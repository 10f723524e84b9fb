/** GET /metrics of Workers: all shards of a drop, the newest drops, the mail queue, the cost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardIdOf } from '../../src/domain/shard.ts';
import { createIds } from '../../src/ids/ids.ts';
import { LoopbackResend } from '../support/loopback-mail.ts';
import { customer, unique, until } from '../support/shop.ts';
import { ShardShop, shards, stock } from './shard-shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

const resend = new LoopbackResend();
beforeAll(async () => void (await resend.listen()));
afterAll(() => resend.close());

describe('metrics', () => {
  const shop = useEdgeShop(() => ({ ...resend.env, PUBLIC_URL: 'https://shop.example', HOLD_MAIL: 'on' }));
  const shardShop = new ShardShop(shop);
  const scrape = async (dropId?: string, token: string | null = shop.server.adminToken) => {
    const path = dropId === undefined ? '/metrics' : `/metrics?dropId=${dropId}`;
    const { status, text } = await shop.send({ path, ...(token !== null && { token }) });
    expect(status, text).toBe(200);
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
  };
  const keyOf = (dropId: string): number => createIds(shop.server.secretKey).parseDrop(dropId) ?? 0;
  const objectRequests = async () => (await shop.fault()).objectRequests;

  test('of a drop with shards show the counts of each, and the units of all', async () => {
    const drop = await shardShop.open();
    await shardShop.buyIn(0, drop.id, 2);
    await shardShop.buyIn(3, drop.id, 3);
    const found = await until(
      () => scrape(drop.slug),
      (seen) => seen.get(`stampede_units{drop="${drop.slug}",sku="one",state="held"}`) === 5,
    );
    expect(found.get(`stampede_units{drop="${drop.slug}",sku="one",state="available"}`)).toBe(stock - 5);
    const held = (shard: number) =>
      found.get(
        `stampede_commands_total{drop="${drop.slug}",shard="${shard}",command="placeHold",outcome="held"}`,
      );
    expect([held(0), held(1), held(3)]).toEqual([1, undefined, 1]);
    for (let shard = 0; shard < shards; shard += 1) {
      const labels = `drop="${drop.slug}",shard="${shard}"`;
      expect(found.get(`stampede_subscriber_lag_seconds{${labels},subscriber="mail"}`)).toBe(0);
      expect(found.has(`stampede_catalogue_events_behind{${labels}}`)).toBe(true);
      // A first failure must not start its series, because that would show no increase.
      expect(
        found.get(`stampede_commands_total{${labels},command="recordPayment",outcome="command_failed"}`),
      ).toBe(0);
    }
    const tried = `drop="${drop.slug}",shard="3",method="POST",route="/purchase"`;
    expect(found.get(`stampede_http_requests_total{${tried},outcome="ok"}`)).toBe(1);
    expect(found.get(`stampede_http_requests_total{${tried},outcome="internal"}`)).toBe(0);
    expect(found.get('stampede_objects{state="answered"}')).toBe(shards);
    expect(found.get('stampede_objects{state="unreachable"}')).toBe(0);
  });

  test('count the objects that cannot be reached, and show the others', async () => {
    const drop = await shardShop.open();
    const dropId = keyOf(drop.id);
    await shop.fault({ awayShardIds: [String(shardIdOf(dropId, 1)), String(shardIdOf(dropId, 2))] });
    try {
      const found = await scrape(drop.id);
      expect(found.get('stampede_objects{state="answered"}')).toBe(shards - 2);
      expect(found.get('stampede_objects{state="unreachable"}')).toBe(2);
      expect(found.has(`stampede_catalogue_events_behind{drop="${drop.slug}",shard="3"}`)).toBe(true);
      expect(found.has(`stampede_catalogue_events_behind{drop="${drop.slug}",shard="2"}`)).toBe(false);
      expect(found.get(`stampede_units{drop="${drop.slug}",sku="one",state="available"}`)).toBe(stock);
    } finally {
      await shop.fault({ awayShardIds: [] });
    }
  });

  test('of the deployment show the newest drops, and how many objects were left out', async () => {
    const title = `Birch ${unique()}`;
    const drop = await shop.createDrop({ title });
    await shop.buy(drop.id, { customer: customer() });
    const found = await until(
      () => scrape(),
      (seen) => seen.get(`stampede_units{drop="${drop.slug}",sku="one",state="held"}`) === 1,
    );
    expect(
      found.get(`stampede_commands_total{drop="${drop.slug}",shard="0",command="placeHold",outcome="held"}`),
    ).toBe(1);
    expect(found.get('stampede_objects{state="answered"}')).toBeGreaterThan(shards);
    expect(found.get('stampede_objects{state="left_out"}')).toBe(0);
  });

  test('show how many e-mails the queue holds', async () => {
    expect((await scrape()).get('stampede_mail_queue_messages')).toBeGreaterThanOrEqual(0);
    const shardId = shardIdOf(keyOf((await shop.createDrop()).id));
    // Fewer messages than a batch wait a second for others.
    const waiting = await until(
      async () => {
        await shop.queue({ shardId, seq: 1 });
        return scrape();
      },
      (seen) => (seen.get('stampede_mail_queue_messages') ?? 0) > 0,
    );
    expect(waiting.get('stampede_mail_queue_oldest_seconds')).toBeGreaterThanOrEqual(0);
    expect(waiting.get('stampede_mail_queue_oldest_seconds')).toBeLessThan(60);
  });

  test('show only units without a token, and wake no object', async () => {
    const drop = await shardShop.open();
    await until(
      () => scrape(undefined, null),
      (seen) => seen.has(`stampede_units{drop="${drop.slug}",sku="one",state="sold"}`),
    );
    const before = await objectRequests();
    for (const token of [null, 'not-the-operators-token']) {
      for (const named of [undefined, drop.id]) {
        const names = [...(await scrape(named, token)).keys()].map((series) => series.replace(/\{.*/, ''));
        expect(new Set(names)).toEqual(new Set(['stampede_units', 'stampede_info']));
      }
    }
    expect(await objectRequests()).toBe(before);
  });
});
