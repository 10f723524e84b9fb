/** A drop exported from a running server: the server stops selling it at once, and says why. */
import { describe, expect, test } from 'vitest';
import { machines, useServer } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { testEnvironment } from '../support/server-process.ts';
import { purchaseCall } from '../support/shop.ts';

describe.each(machines)('a drop that has moved, on %s', (runtime) => {
  const shop = useServer(runtime);
  const move = (...args: string[]) =>
    runCommand(runtime, 'move', shop.server.databaseFile, args, { SECRET_KEY: testEnvironment.SECRET_KEY });

  test('answers 410, is not listed, and is back after an undo', async () => {
    const drop = await shop.createDrop();
    const other = await shop.createDrop();
    const purchase = await shop.buy(drop.id);
    await shop.pay(purchase);
    expect(move('export', drop.slug)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Pause the drop first'),
    });
    await shop.patchDrop(drop.id, { paused: true });
    const exported = move('export', drop.slug);
    expect(exported.code, exported.stderr).toBe(0);

    const order = { path: `/orders/${purchase.order.id}`, token: purchase.token };
    const calls = [
      { path: `/drops/${drop.id}` },
      { path: `/d/${drop.slug}` },
      order,
      { ...order, method: 'POST', path: `${order.path}/cancel` },
      purchaseCall(drop.id),
      {
        method: 'PATCH',
        path: `/admin/drops/${drop.id}`,
        token: shop.server.adminToken,
        body: JSON.stringify({ paused: false }),
        headers: { 'content-type': 'application/json' },
      },
      { method: 'POST', path: `/admin/orders/${purchase.order.id}/refund`, token: shop.server.adminToken },
    ];
    // The writer refuses at once; readers follow at their next look at the file.
    const becomes = async (status: number) => {
      while ((await shop.send({ path: `/drops/${drop.id}` })).status !== status);
    };
    await becomes(410);
    for (const call of calls) {
      const answer = await shop.send(call);
      expect([call.path, answer.status]).toEqual([call.path, 410]);
      expect(answer.text).toContain('moved to another deployment');
    }
    const listed = (await shop.send({ path: '/drops' })).text;
    expect([listed.includes(drop.slug), listed.includes(other.slug)]).toEqual([false, true]);
    expect(move('export', drop.slug).stdout).toBe(exported.stdout);

    expect(move('undo', drop.slug)).toMatchObject({ code: 0, stdout: '' });
    await becomes(200);
    expect((await shop.order(purchase)).order.status).toBe('paid');
    await shop.patchDrop(drop.id, { paused: false });
    expect((await shop.buy(drop.id)).order.status).toBe('held');
  });
});
