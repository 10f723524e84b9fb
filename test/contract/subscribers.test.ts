/** Subscribers and their lag, as JSON and as a page: one receiver answers, the other does not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readJson } from '../support/client.ts';
import { expectCleanEnd, runtimes } from '../support/contract-server.ts';
import { expectPage, signedIn } from '../support/dashboard-visitor.ts';
import { WebhookReceiver } from '../support/receivers.ts';
import { startServer } from '../support/server-process.ts';
import { Shop, until } from '../support/shop.ts';

interface Subscriber {
  kind: string;
  target: string | null;
  isConfigured: boolean;
  lastSeq: number | null;
  eventsBehind: number | null;
  oldestWaitingAt: string | null;
}

describe.each(runtimes)('subscribers on %s', (runtime) => {
  const shop = new Shop();
  const [good, bad] = [new WebhookReceiver(), new WebhookReceiver()];
  const urlOf = ({ url }: WebhookReceiver): string => `${url}/a-secret-path?key=canary`;
  beforeAll(async () => {
    await Promise.all([good.listen(), bad.listen()]);
    bad.answer = () => 500;
    const env = { WEBHOOK_URLS: `${urlOf(good)},${urlOf(bad)}`, WEBHOOK_SECRET: good.secret };
    shop.open(await startServer({ runtime, env }));
  });
  afterAll(async () => {
    await expectCleanEnd(shop.server);
    await Promise.all([good.close(), bad.close()]);
  });

  test('one that answers has no lag, one that does not lags, and no secret of an address is shown', async () => {
    const drop = await shop.createDrop();
    await shop.buy(drop.id);
    const path = `/admin/subscribers?dropId=${drop.id}`;
    const list = async () =>
      readJson<{ headSeq: number; subscribers: Subscriber[] }>(await shop.admin({ path }));
    const of = (subscribers: readonly Subscriber[], { url }: WebhookReceiver) =>
      subscribers.find(({ target }) => target === new URL(url).origin);
    const { headSeq, subscribers } = await until(
      list,
      (seen) =>
        of(seen.subscribers, good)?.eventsBehind === 0 && (of(seen.subscribers, bad)?.eventsBehind ?? 0) > 0,
    );
    expect(of(subscribers, good)).toMatchObject({ kind: 'webhook', isConfigured: true, lastSeq: headSeq });
    expect(of(subscribers, good)?.oldestWaitingAt).toBeNull();
    const { lastSeq, eventsBehind, oldestWaitingAt } = of(subscribers, bad) ?? {};
    expect((lastSeq ?? 0) + (eventsBehind ?? 0)).toBe(headSeq);
    expect(Date.parse(oldestWaitingAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
    expect(subscribers.every(({ isConfigured }) => isConfigured)).toBe(true);

    const chief = await signedIn(shop.server.url, shop.server.adminToken);
    const page = await chief.look(`/admin/ui/webhooks?dropId=${drop.id}`);
    expectPage(page);
    expect(page.text).toContain('Up to date');
    expect(page.text).toMatch(/Lag: \d+ events?/);
    for (const text of [page.text, JSON.stringify(subscribers)])
      expect(text).not.toMatch(/secret-path|canary/);
  });

  test('an unknown parameter is refused', async () => {
    const answer = await shop.admin({ path: '/admin/subscribers?limit=1' });
    expect([answer.status, readJson<{ code: string }>(answer).code]).toEqual([422, 'invalid']);
  });
});
