/** How much mail strangers can cause to an address, and what they learn of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADDRESS_LINK_MAILS_MAX } from '../../src/domain/client-limits.ts';
import { RECIPIENT_MAILS_MAX } from '../../src/domain/delivery-limits.ts';
import { canary, readJson } from '../support/client.ts';
import { expectCleanEnd, onlyOnMachines, runtimes } from '../support/contract-server.ts';
import { MailReceiver } from '../support/receivers.ts';
import { startServer } from '../support/server-process.ts';
import type { Drop } from '../support/shapes.ts';
import { customer, dropBody, Shop, unique, until } from '../support/shop.ts';

describe.each(runtimes)('bounds of mail on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  const shop = new Shop();
  const mail = new MailReceiver();
  const start = async (more: Record<string, string>, databaseFile?: string) => {
    const env = { ...mail.envFor(runtime), ...more };
    shop.open(await startServer({ runtime, env, ...(databaseFile !== undefined && { databaseFile }) }));
  };
  const restart = async (more: Record<string, string>) => {
    const { databaseFile } = shop.server;
    await shop.server.kill();
    await start(more, databaseFile);
  };
  beforeAll(async () => {
    await mail.listen();
    await start({});
  });
  afterAll(async () => {
    await expectCleanEnd(shop.server, shop.tokens);
    expect(shop.server.output()).not.toContain(canary);
    await mail.close();
  });
  const buyer = (): string => `buyer-${unique()}@${canary}.example`;
  const newDrop = () =>
    shop.createDrop(
      dropBody({ perCustomer: null, items: [{ sku: 'one', name: 'One', price: 1250, stock: 500 }] }),
    );
  const holdAndCancel = async (drop: Drop, email: string, times: number) => {
    for (let count = 0; count < times; count += 1)
      await shop.cancel(await shop.buy(drop.id, { customer: customer({ email }) }));
  };
  /** Waits until the mail subscriber has processed every event: at the edge, the drop's queue. */
  const untilReported = async (drop?: Drop) => {
    const path = runtime === 'workerd' ? `/admin/subscribers?dropId=${drop?.id}` : '/admin/subscribers';
    await until(
      async () =>
        readJson<{ subscribers: { name: string; eventsBehind: number }[] }>(
          await shop.admin({ path }),
        ).subscribers.find(({ name }) => name === 'mail'),
      (subscriber) => subscriber?.eventsBehind === 0,
    );
  };
  const untilMailed = (email: string, subject: string) =>
    until(
      async () => mail.subjectsTo(email),
      (subjects) => subjects.some((one) => one.startsWith(subject)),
    );
  const find = async (email: string, address: string) =>
    expect(
      (
        await shop.send({
          method: 'POST',
          path: '/orders/find',
          json: { email },
          headers: { 'x-forwarded-for': address },
        })
      ).status,
    ).toBe(202);

  test('holds and cancellations send none, and the paid order is mailed with its link', async () => {
    const email = buyer();
    const drop = await newDrop();
    await holdAndCancel(drop, email, 30);
    const purchase = await shop.buy(drop.id, { customer: customer({ email }) });
    await shop.pay(purchase);
    await untilReported(drop);
    // The last e-mail, also in the queue.
    await untilMailed(email, 'Paid');
    expect(mail.subjectsTo(email)).toEqual(['Paid: A contract drop']);
    expect(mail.received.find(({ to }) => to === email)?.text).toContain(
      `/o/${purchase.order.id}#${purchase.token}`,
    );
  });

  test('where holds are mailed, a few an hour are, also across a kill, and every paid order is', async () => {
    await restart({ HOLD_MAIL: 'on' });
    const email = buyer();
    // At the edge each drop has its own bounds.
    const drop = await newDrop();
    await holdAndCancel(drop, email, 30);
    await untilReported(drop);
    await until(
      async () => mail.subjectsTo(email),
      (subjects) => subjects.length >= RECIPIENT_MAILS_MAX.holds,
    );
    await restart({ HOLD_MAIL: 'on' });
    await holdAndCancel(drop, email, 3);
    await shop.pay(await shop.buy(drop.id, { customer: customer({ email }) }));
    await untilReported(drop);
    await untilMailed(email, 'Paid');
    expect(mail.subjectsTo(email).filter((subject) => subject.startsWith('Paid'))).toHaveLength(1);
    expect(mail.subjectsTo(email)).toHaveLength(RECIPIENT_MAILS_MAX.holds + 1);
    expect((await shop.send({ path: `/metrics?dropId=${drop.id}` })).text).toMatch(
      /stampede_mails_over_limit_total\{allowance="holds"\} [1-9]/,
    );
  });

  testOnMachine(
    'a stranger uses up no other address’s e-mails with links, and all together are bounded',
    async () => {
      const limited = { RATE_LIMIT: 'on', TRUSTED_PROXIES: '127.0.0.0/8' };
      await restart(limited);
      const email = buyer();
      await shop.buy((await newDrop()).id, { customer: customer({ email }) });
      /** Distinct e-mails: after a kill the server resends those of the last seconds. */
      const links = (to: string) => {
        const mails = mail.received.filter(
          (one) => one.to === to && one.text.includes('Subject: Your order'),
        );
        return new Set(mails.map(({ text }) => /^Message-ID: .*$/im.exec(text)?.[0])).size;
      };
      let markers = 0;
      const foundTimes = async (times: number) => {
        await until(
          async () => links(email),
          (count) => count >= times,
        );
        // Requested last: once its e-mail has arrived, the earlier ones were counted.
        const marker = buyer();
        markers += 1;
        await shop.buy((await newDrop()).id, { customer: customer({ email: marker }) });
        await find(marker, `203.0.113.${markers}`);
        await until(
          async () => links(marker),
          (count) => count === 1,
        );
        expect(links(email)).toBe(times);
      };
      for (let count = 0; count < 5; count += 1) await find(email, '198.51.100.1');
      await foundTimes(ADDRESS_LINK_MAILS_MAX);
      await find(email, '198.51.100.2');
      await foundTimes(ADDRESS_LINK_MAILS_MAX + 1);
      await restart(limited);
      for (let count = 3; count < 15; count += 1) await find(email, `198.51.100.${count}`);
      await foundTimes(RECIPIENT_MAILS_MAX.links);
    },
  );

  testOnMachine(
    'metrics do not grow otherwise for the address of a customer than for another, and the log not at all',
    async () => {
      await restart({});
      const email = buyer();
      await shop.buy((await newDrop()).id, { customer: customer({ email }) });
      const counted = async () => {
        await untilReported();
        const { text } = await shop.send({ path: '/metrics' });
        const { headSeq } = readJson<{ headSeq: number }>(await shop.admin({ path: '/admin/subscribers' }));
        const commands = [...text.matchAll(/^(stampede_(?:commands|mails|deliveries)\S+) (\d+)$/gm)]
          // The clock decides when a position is saved and when a request ends
          // (link-mails.test.ts).
          .filter(([line]) => !line.includes('advanceSubscriber') && !line.includes('endLinkRequest'))
          .map(([, series, count]) => [series, Number(count)] as const);
        return new Map([['head', headSeq], ...commands]);
      };
      const grownFor = async (address: string, from: string) => {
        const before = await counted();
        const grown = async () =>
          [...(await counted())].flatMap(([series = '', count]) =>
            count === (before.get(series) ?? 0) ? [] : [`${series} ${count - (before.get(series) ?? 0)}`],
          );
        await find(address, from);
        return until(grown, (series) => series.length > 0);
      };
      const known = await grownFor(email, '198.51.100.2');
      await until(
        async () => mail.subjectsTo(email),
        (subjects) => subjects.length === 1,
      );
      expect(await grownFor(buyer(), '198.51.100.3')).toEqual(known);
      expect(known).toEqual([expect.stringMatching(/^stampede_commands_total\{.*"requestLinks".*\} 1$/)]);
      expect(mail.subjectsTo(email)).toEqual(['Your order']);
    },
  );
});
