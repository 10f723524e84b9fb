/** The routes of a moving drop keep their limits: wrong tokens, and files that are too large. */
import { expect, test } from 'vitest';
import { FAILED_LOGINS_MAX } from '../../src/domain/client-limits.ts';
import { IMPORT_BYTES_MAX } from '../../src/limits.ts';
import { expectCleanEnd } from '../support/contract-server.ts';
import { startServer } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';
import { burst, refusedAfter } from '../support/spent-quota.ts';

test('wrong tokens are rate-limited here too, and a file that is too large is not read', async () => {
  const shop = new Shop();
  shop.open(await startServer({ runtime: 'workerd', env: { RATE_LIMIT: 'on' } }));
  const headers = { 'cf-connecting-ip': '192.0.2.7' };
  const tooLarge = await shop.admin({
    method: 'POST',
    path: '/admin/import',
    headers,
    body: 'x'.repeat(IMPORT_BYTES_MAX + 1),
  });
  expect(tooLarge.status).toBe(413);
  const guess = (index: number) => shop.send({ path: '/admin/drops', token: `guess-${index}`, headers });
  const asked = [
    { method: 'POST', path: '/admin/drops/none/export', headers },
    { method: 'POST', path: '/admin/drops/none/export/undo', headers },
    { method: 'POST', path: '/admin/import', headers, body: '' },
  ];
  for (const call of asked) {
    await refusedAfter(
      () => burst(2 * FAILED_LOGINS_MAX, guess),
      () => shop.send({ ...call, token: 'guess' }),
    );
    expect([404, 422]).toContain((await shop.admin(call)).status);
  }
  await expectCleanEnd(shop.server);
});
