/** Certificates and exports over HTTP and by command: correct, complete, and safe from formulas. */
import { describe, expect, test } from 'vitest';
import { EXPORT_PAGE_ORDERS, LONG_READS_MAX } from '../../src/limits.ts';
import { canary, readJson } from '../support/client.ts';
import { createDrop, noon } from '../support/commands.ts';
import { onlyOnMachines, runtimes, useServer } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { parseCsv } from '../support/parse-csv.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { customer, purchaseCall, until } from '../support/shop.ts';

interface Certified {
  isClean: boolean;
  violations: string[];
  log: { events: number; headSeq: number; head: string };
}

describe.each(runtimes)('audit and export on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  const shop = useServer(runtime);
  const certificateOf = async (dropId: string) =>
    readJson<Certified>(await shop.admin({ path: `/admin/drops/${dropId}/audit` }));
  const exportOf = async (dropId: string) => {
    const answer = await shop.admin({ path: `/admin/drops/${dropId}/orders.csv` });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/csv; charset=utf-8/);
    expect(answer.text.lastIndexOf('\uFEFF')).toBe(0);
    return parseCsv(answer.text.slice(1));
  };

  test('a certificate shows what was sold, for how much, and the refunds', async () => {
    const drop = await shop.createDrop();
    const [kept, back, cancelled] = [
      await shop.buy(drop.id),
      await shop.buy(drop.id),
      await shop.buy(drop.id),
    ];
    for (const purchase of [kept, kept, back]) await shop.pay(purchase);
    await shop.admin({ method: 'POST', path: `/admin/orders/${back.order.id}/refund` });
    await shop.orderBecomes(back, 'refunded');
    await shop.cancel(cancelled);
    await shop.buy(drop.id);
    expect(await certificateOf(drop.slug)).toMatchObject({
      drop: { id: drop.id, slug: drop.slug },
      isClean: true,
      currency: 'EUR',
      items: [{ sku: 'one', price: 1250, stock: 5, held: 1, sold: 1 }],
      orders: { held: 1, paid: 1, refunded: 1, released: 1 },
      payments: { count: 3, amount: 3_750 },
      kept: { count: 1, amount: 1_250 },
      refunds: { pending: { count: 0 }, sent: { count: 2, amount: 2_500 }, failed: { count: 0 } },
      firstSaleAt: expect.any(String),
      lastSaleAt: expect.any(String),
      violations: [],
    });
    expect((await shop.admin({ path: '/admin/drops/none/audit' })).status).toBe(404);
  });

  testOnMachine('the command certifies the same while the server runs', async () => {
    const drop = await shop.createDrop();
    await shop.pay(await shop.buy(drop.id));
    const end = runCommand(runtime, 'audit', shop.server.databaseFile, ['--json']);
    expect(end.code, end.stderr).toBe(0);
    const mine = (JSON.parse(end.stdout) as { slug: string }[]).find(({ slug }) => slug === drop.slug);
    expect(mine).toMatchObject({ kept: { count: 1, amount: 1_250 }, violations: [] });
    expect(runCommand(runtime, 'audit', shop.server.databaseFile, []).stdout).toMatch(/verdict +clean/);
    expect(runCommand(runtime, 'audit', '/nowhere/none.db', []).code).toBe(2);
    expect(runCommand(runtime, 'audit', shop.server.databaseFile, ['--what']).code).toBe(2);
  });

  testOnMachine('the command exits with 1 for a violation, also in a file without drops', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    store.writer.exec('update items set stock = stock + 1');
    const changed = runCommand(runtime, 'audit', store.settings.file, []);
    expect([changed.code, changed.stdout]).toEqual([
      1,
      expect.stringContaining('stock differs from its events'),
    ]);
    store.writer.exec('delete from items; delete from drops');
    const emptied = runCommand(runtime, 'audit', store.settings.file, []);
    expect([emptied.code, emptied.stderr]).toEqual([
      1,
      expect.stringContaining('drop 1 has events but no row'),
    ]);
  });

  test('an export has every order once, whatever the customer’s name', async () => {
    const stock = EXPORT_PAGE_ORDERS + 20;
    const drop = await shop.createDrop({ items: [{ sku: 'one', name: 'One', price: 1250, stock }] });
    const nasty = {
      name: `=HYPERLINK("http://${canary}")`,
      phone: '+19995550777',
      address: `${canary} "street" 1,\nTown`,
    };
    const first = await shop.buy(drop.id, { customer: customer(nasty) });
    const others: string[] = [];
    while (others.length < stock - 1) {
      const width = Math.min(50, stock - 1 - others.length);
      const bought = await Promise.all(Array.from({ length: width }, () => shop.buy(drop.id)));
      others.push(...bought.map(({ order }) => order.id));
    }
    const [header, ...rows] = await exportOf(drop.id);
    expect(header).toEqual([
      ...['order', 'order number', 'sku', 'item', 'quantity', 'unit price', 'total', 'order total'],
      ...['currency', 'unit price in minor units', 'total in minor units', 'order total in minor units'],
      ...['status', 'created at', 'hold expires at'],
      ...['e-mail', 'name', 'phone', 'address', 'tracking code'],
      ...['dispute', 'refunded', 'refunded in minor units'],
    ]);
    expect(new Set(rows.map(([id]) => id))).toEqual(new Set([first.order.id, ...others]));
    expect(rows).toHaveLength(stock);
    const { order } = first;
    expect(rows.find(([id]) => id === order.id)).toEqual([
      ...[order.id, order.number, 'one', 'One', '1', '12.50', '12.50', '12.50', 'EUR'],
      ...['1250', '1250', '1250', 'held'],
      ...[order.createdAt, order.holdExpiresAt],
      expect.stringContaining(canary),
      `'${nasty.name}`,
      `'${nasty.phone}`,
      nasty.address,
      ...['', '', '0.00', '0'],
    ]);
  });

  test('an export opens in Excel on Windows: UTF-8 with a BOM, CRLF, and the currency’s decimals', async () => {
    const amounts = { HUF: [1_290_000, '12900.00'], JPY: [4_900, '4900'], KWD: [12_345, '12.345'] } as const;
    for (const [currency, [price, decimal]] of Object.entries(amounts)) {
      const item = { sku: 'one', name: 'José’s “T-Shirt”; größe M', price, stock: 5 };
      const drop = await shop.createDrop({ currency, items: [item] });
      await shop.buy(drop.id, { customer: customer({ name: `José ${canary}` }) });
      const answer = await fetch(`${shop.server.url}/admin/drops/${drop.id}/orders.csv`, {
        headers: { authorization: `Bearer ${shop.server.adminToken}` },
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
      expect(bytes.includes(Buffer.from(`José ${canary}`))).toBe(true);
      expect(bytes.toString().replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      const [, row] = parseCsv(bytes.toString().slice(1));
      const minor = `${price}`;
      expect(row?.slice(3, 12)).toEqual([
        item.name,
        '1',
        decimal,
        decimal,
        decimal,
        currency,
        minor,
        minor,
        minor,
      ]);
      for (const time of row?.slice(13, 15) ?? []) expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/);
    }
  });

  test('HEAD of an export starts none: it uses no slot for long reads, and logs nothing', async () => {
    const drop = await shop.createDrop();
    await shop.buy(drop.id);
    const path = `/admin/drops/${drop.id}/orders.csv`;
    const before = (await certificateOf(drop.id)).log.headSeq;
    for (let count = 0; count < 3 * LONG_READS_MAX; count += 1) {
      const { status, headers, text } = await shop.admin({ method: 'HEAD', path });
      expect([status, text]).toEqual([200, '']);
      expect(headers['content-type']).toMatch(/^text\/csv/);
      expect(headers['content-disposition']).toBe(`attachment; filename="${drop.slug}-orders.csv"`);
    }
    expect((await certificateOf(drop.id)).log.headSeq).toBe(before);
    expect(await exportOf(drop.id)).toHaveLength(2);
    const headers = { authorization: `Bearer ${shop.server.adminToken}` };
    const none = `${shop.server.url}/admin/drops/none/orders.csv`;
    expect((await fetch(none, { method: 'HEAD', headers })).status).toBe(404);
  });

  test('an aborted download ends its read, and others go on', async () => {
    const drop = await shop.createDrop();
    await shop.buy(drop.id);
    for (let broken = 0; broken < 6; broken += 1) {
      const headers = { authorization: `Bearer ${shop.server.adminToken}` };
      const answer = await fetch(`${shop.server.url}/admin/drops/${drop.id}/orders.csv`, { headers });
      expect([200, 503]).toContain(answer.status);
      await answer.body?.cancel();
    }
    expect((await shop.send(purchaseCall(drop.id))).status).toBe(201);
    // A runtime may take a moment to notice that the reader has gone.
    await until(
      () => certificateOf(drop.id),
      ({ isClean }) => isClean,
    );
    expect(await exportOf(drop.id)).toHaveLength(3);
  });
});
