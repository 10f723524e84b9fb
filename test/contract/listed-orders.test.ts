/** Paging through a drop's orders is logged like an export, in the API and in the dashboard. */
import { describe, expect, test } from 'vitest';
import { readFile } from '../../src/database/sqlite/file-rows.ts';
import { LISTED_ORDERS_MAX, PAGE_ORDERS_MAX } from '../../src/limits.ts';
import { readJson } from '../support/client.ts';
import { runtimes, useServer } from '../support/contract-server.ts';
import { signedIn } from '../support/dashboard-visitor.ts';

describe.each(runtimes)('reading the orders of a drop on %s', (runtime) => {
  const shop = useServer(runtime);

  test('page by page is logged once', { timeout: 120_000 }, async () => {
    const count = LISTED_ORDERS_MAX + 1;
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: count }] });
    for (let order = 0; order < count; order += 1) await shop.buy(drop.id);
    const eventsOf = async (): Promise<number> =>
      readJson<{ log: { events: number } }>(await shop.admin({ path: `/admin/drops/${drop.id}/audit` })).log
        .events;
    const before = await eventsOf();
    const listAll = async (noted: number): Promise<void> => {
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query = new URLSearchParams({
          dropId: drop.id,
          limit: String(PAGE_ORDERS_MAX),
          ...(cursor !== '' && { cursor }),
        });
        const answer = await shop.admin({ path: `/admin/orders?${query}` });
        expect(answer.status).toBe(200);
        ({ nextCursor: cursor } = readJson<{ nextCursor: string | null }>(answer));
        if (cursor !== null) expect(await eventsOf()).toBe(before + noted);
      }
    };
    await listAll(0);
    expect(await eventsOf()).toBe(before + 1);
    await listAll(1);
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    expect((await operator.look(`/admin/ui/orders?dropId=${drop.id}`)).status).toBe(200);
    expect(await eventsOf()).toBe(before + 1);
    if (runtime === 'workerd') return;
    const last = readFile(shop.server.databaseFile, (open) =>
      open
        .prepare('select kind, actor, drop_id is not null as ofDrop from events order by seq desc limit 1')
        .get(),
    );
    expect(last).toEqual({ kind: 'orders_listed', actor: 'operator', ofDrop: 1 });
  });
});

describe.each(runtimes)('the dashboard’s list on %s', (runtime) => {
  const shop = useServer(runtime);
  test('counts for the operator who reads', { timeout: 120_000 }, async () => {
    const count = LISTED_ORDERS_MAX + 1;
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: count }] });
    for (let order = 0; order < count; order += 1) await shop.buy(drop.id);
    const operator = await signedIn(shop.server.url, shop.server.adminToken);
    const audit = `/admin/drops/${drop.id}/audit`;
    const eventsOf = async (): Promise<number> =>
      readJson<{ log: { events: number } }>(await shop.admin({ path: audit })).log.events;
    const before = await eventsOf();
    let next: string | undefined = `/admin/ui/orders?dropId=${drop.id}`;
    let pages = 0;
    while (next !== undefined) {
      const { text }: { text: string } = await operator.look(next);
      pages += 1;
      next = /href="(\/admin\/ui\/orders\?[^"]*cursor=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(pages).toBeGreaterThan(4);
    expect(await eventsOf()).toBe(before + 1);
  });
});
