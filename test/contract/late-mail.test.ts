/** Mailboxes that refuse for now: their e-mails wait outside of the log, others are not delayed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DELIVERY_OPEN_EVENTS_MAX } from '../../src/domain/delivery-limits.ts';
import { canary, readJson } from '../support/client.ts';
import { expectCleanEnd, runtimes } from '../support/contract-server.ts';
import { expectPage, signedIn } from '../support/dashboard-visitor.ts';
import { MailReceiver } from '../support/receivers.ts';
import { startServer } from '../support/server-process.ts';
import { customer, dropBody, Shop, unique, until } from '../support/shop.ts';

// At the edge each e-mail waits in the queue by itself: none is deferred.
describe.each(runtimes.filter((runtime) => runtime !== 'workerd'))(
  'mailboxes that refuse on %s',
  (runtime) => {
    const shop = new Shop();
    const mail = new MailReceiver();
    const full = `@full.${canary}.example`;
    const start = async (databaseFile?: string) => {
      const env = { SMTP_URL: mail.url, MAIL_FROM: 'Shop <shop@example.com>', HOLD_MAIL: 'on' };
      shop.open(await startServer({ runtime, env, ...(databaseFile !== undefined && { databaseFile }) }));
    };
    beforeAll(async () => {
      await mail.listen();
      mail.refuse = (to) => (to.endsWith(full) ? 452 : null);
      await start();
    });
    afterAll(async () => {
      await expectCleanEnd(shop.server, shop.tokens);
      expect(shop.server.output()).not.toContain(canary);
      await mail.close();
    });
    const mailState = async () => {
      const answer = readJson<{
        headSeq: number;
        subscribers: { name: string; lastSeq: number; deferred: number }[];
      }>(await shop.admin({ path: '/admin/subscribers' }));
      return { headSeq: answer.headSeq, ...answer.subscribers.find(({ name }) => name === 'mail') };
    };
    const untilDeferred = (count: number) => until(mailState, ({ deferred }) => deferred === count);

    test('more of them than the reading window holds don’t stop other customers’ mail', async () => {
      const refused = DELIVERY_OPEN_EVENTS_MAX + 50;
      const items = [{ sku: 'one', name: 'One', price: 1250, stock: refused + 10 }];
      const drop = await shop.createDrop(dropBody({ items }));
      const hold = (email: string) => shop.buy(drop.id, { customer: customer({ email }) });
      for (let begun = 0; begun < refused; begun += 50)
        await Promise.all(Array.from({ length: 50 }, () => hold(`${unique()}${full}`)));
      const email = `buyer-${unique()}@${canary}.example`;
      await hold(email);
      await until(
        async () => mail.subjectsTo(email),
        (subjects) => subjects.length === 1,
      );
      await until(mailState, ({ deferred, lastSeq, headSeq }) => deferred === refused && lastSeq === headSeq);
      const { text } = await shop.send({ path: '/metrics' });
      expect(text).toContain(`stampede_deferred_deliveries{subscriber="mail"} ${refused}`);
      expect(text).toContain('stampede_subscriber_lag_seconds{subscriber="mail"} 0');
      expect(text).toContain('stampede_deliveries_given_up_total{subscriber="mail"} 0');
      const chief = await signedIn(shop.server.url, shop.server.adminToken);
      const page = await chief.look('/admin/ui/webhooks');
      expectPage(page);
      expect(page.text).toContain('1,050');
    });

    test('a deferred e-mail survives a kill, and is deleted with its customer’s data', async () => {
      const { deferred = 0 } = await mailState();
      const [gone, later] = [`${unique()}${full}`, `${unique()}${full}`];
      const drop = await shop.createDrop();
      for (const email of [gone, later]) await shop.buy(drop.id, { customer: customer({ email }) });
      await untilDeferred(deferred + 2);
      const { databaseFile } = shop.server;
      await shop.server.kill();
      await start(databaseFile);
      await untilDeferred(deferred + 2);
      const erased = await shop.admin({
        method: 'POST',
        path: '/admin/customers/erase',
        json: { email: gone },
      });
      expect(erased.status).toBe(200);
      await untilDeferred(deferred + 1);
      mail.refuse = (to) => (to.endsWith(full) && to !== later ? 452 : null);
      await until(
        async () => mail.subjectsTo(later),
        (subjects) => subjects.length === 1,
      );
      expect(mail.subjectsTo(gone)).toEqual([]);
      const certificate = await shop.admin({ path: `/admin/drops/${drop.id}/audit` });
      expect(readJson(certificate)).toMatchObject({ isClean: true, violations: [] });
    });
  },
);
