/** Lost links: the same answer for every address, and one e-mail with all links to a buyer's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canary, readJson } from '../support/client.ts';
import { expectCleanEnd, onlyOnMachines, runtimes, useServer } from '../support/contract-server.ts';
import { runCommand } from '../support/operator-command.ts';
import { MailReceiver } from '../support/receivers.ts';
import { startServer } from '../support/server-process.ts';
import { customer, Shop, unique, until } from '../support/shop.ts';

const path = '/orders/find';

describe.each(runtimes)('lost links on %s', (runtime) => {
  const testOnMachine = onlyOnMachines(runtime);
  const shop = new Shop();
  const mail = new MailReceiver();
  beforeAll(async () => {
    await mail.listen();
    const env = { RATE_LIMIT: 'on', TRUSTED_PROXIES: '127.0.0.0/8', ...mail.envFor(runtime) };
    shop.open(await startServer({ runtime, env }));
  });
  afterAll(async () => {
    await expectCleanEnd(shop.server, shop.tokens);
    await mail.close();
  });
  const buyer = (): string => `buyer-${unique()}@${canary}.example`;
  let address = 0;
  /** Each request comes from an address of its own. */
  const ask = (email: unknown) => {
    address += 1;
    const headers = { 'x-forwarded-for': `198.51.100.${address}` };
    return shop.send({ method: 'POST', path, json: { email }, headers });
  };
  const mailsTo = (email: string) =>
    mail.received.filter(({ to, text }) => to === email && text.includes('Subject: Your order'));

  test('a known and an unknown address get the same answer', async () => {
    const email = buyer();
    await shop.buy((await shop.createDrop()).id, { customer: customer({ email }) });
    const [known, unknown] = [await ask(email), await ask(buyer())];
    for (const { status, text } of [known, unknown])
      expect([status, text]).toEqual([202, '{"accepted":true}']);
  });

  test('requests leave nothing in the log, whatever address they name', async () => {
    const email = buyer();
    const drop = await shop.createDrop();
    await shop.buy(drop.id, { customer: customer({ email }) });
    const log = async () =>
      readJson<{ log: unknown }>(await shop.admin({ path: `/admin/drops/${drop.id}/audit` })).log;
    const before = await log();
    for (let stranger = 0; stranger < 5; stranger += 1) await ask(buyer());
    // The last request: once its e-mail has arrived, the others were processed.
    await ask(email);
    await until(
      async () => mailsTo(email),
      (mails) => mails.length === 1,
    );
    expect(await log()).toEqual(before);
  });

  test('an invalid address is refused, and not repeated', async () => {
    for (const email of ['canary', '', 7, null]) expect((await ask(email)).status).toBe(422);
    const page = await fetch(`${shop.server.url}${path}`, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ email: 'canary' }),
    });
    expect([page.status, await page.text()]).toEqual([
      422,
      expect.stringContaining('Enter an e-mail address'),
    ]);
  });

  test('a form redirects to its page, which says that e-mails are on their way', async () => {
    const page = await shop.send({ path });
    expect(page.text).toContain('<form method="post" action="/orders/find">');
    const sent = await shop.send({ method: 'POST', path, form: { email: buyer() } });
    expect([sent.status, sent.headers.location]).toEqual([303, '/orders/find?sent=yes']);
    expect((await shop.send({ path: `${path}?sent=yes` })).text).toContain('on their way');
  });

  test('one e-mail has every link, and each opens its order', async () => {
    const email = buyer();
    const titles = [`Fern ${unique()}`, `Oak ${unique()}`];
    const purchases = [];
    for (const title of titles)
      purchases.push(
        await shop.buy((await shop.createDrop({ title })).id, { customer: customer({ email }) }),
      );
    const [first] = purchases;
    if (first) await shop.pay(first);
    // The e-mail uses the spelling of the purchase, whatever its case here.
    await ask(email.toUpperCase());
    const [mail] = await until(
      async () => mailsTo(email),
      (mails) => mails.length > 0,
    );
    for (const { order, token } of purchases) {
      expect(mail?.text).toContain(`/o/${order.id}#${token}`);
      expect(mail?.text).toContain(order.number);
    }
    for (const words of [...titles, 'paid', 'reserved, not paid yet']) expect(mail?.text).toContain(words);
  });

  test('a buyer who returns from the payment without a cookie can have the link resent', async () => {
    const email = buyer();
    const { order, token } = await shop.buy((await shop.createDrop()).id, {
      customer: customer({ email }),
    });
    const back = await fetch(`${shop.server.url}/o/${order.id}?from=paid`);
    const page = await back.text();
    expect(page).toContain('If you paid, your payment counts for your order');
    expect(page).toContain('You’ll find it in the e-mail about your order.');
    const [, action = '', field = ''] =
      /<form method="post" action="(\/orders\/find)">[\s\S]*?<input id="email" name="(\w+)"/.exec(page) ?? [];
    const sent = await fetch(shop.server.url + action, {
      method: 'POST',
      body: new URLSearchParams({ [field]: email }),
      headers: { 'x-forwarded-for': '10.9.9.9' },
    });
    expect(await sent.text()).toContain('the links are on their way');
    const [mail] = await until(
      async () => mailsTo(email),
      (mails) => mails.length > 0,
    );
    expect(mail?.text).toContain(`/o/${order.id}#${token}`);
    const german = { headers: { 'accept-language': 'de' } };
    const translated = await fetch(`${shop.server.url}/o/${order.id}?from=paid`, german);
    expect(await translated.text()).toContain('Falls du bezahlt hast, zählt deine Zahlung');
  });

  testOnMachine('an order of a moved drop is omitted', async () => {
    const email = buyer();
    const [stays, moves] = [await shop.createDrop(), await shop.createDrop()];
    const buy = (drop: { id: string }) => shop.buy(drop.id, { customer: customer({ email }) });
    const [here, gone] = [await buy(stays), await buy(moves)];
    await shop.cancel(gone);
    await shop.patchDrop(moves.id, { paused: true });
    const { databaseFile, secretKey } = shop.server;
    const moved = runCommand(runtime, 'move', databaseFile, ['export', moves.slug], {
      SECRET_KEY: secretKey,
    });
    expect(moved.code, moved.stderr).toBe(0);
    await until(
      async () => (await shop.send({ path: `/orders/${gone.order.id}`, token: gone.token })).status,
      (status) => status === 410,
    );
    await ask(email);
    const [mail] = await until(
      async () => mailsTo(email),
      (mails) => mails.length > 0,
    );
    expect(mail?.text).toContain(`/o/${here.order.id}#${here.token}`);
    expect(mail?.text).not.toContain(gone.order.id);
  });

  test('a customer whose data is deleted gets no e-mail', async () => {
    const [gone, last] = [buyer(), buyer()];
    const drop = await shop.createDrop();
    const purchase = await shop.buy(drop.id, { customer: customer({ email: gone }) });
    await shop.cancel(purchase);
    const erased = await shop.send({
      method: 'POST',
      path: '/admin/customers/erase',
      token: shop.server.adminToken,
      json: { email: gone },
    });
    expect(erased.status).toBe(200);
    await ask(gone);
    await shop.buy(drop.id, { customer: customer({ email: last }) });
    await ask(last);
    await until(
      async () => mailsTo(last),
      (mails) => mails.length === 1,
    );
    expect(mailsTo(gone)).toEqual([]);
  });
});

describe.each(runtimes)('lost links on %s without mail', (runtime) => {
  const shop = useServer(runtime);
  test('cannot be requested, and the page says so', async () => {
    const email = `buyer-${unique()}@${canary}.example`;
    await shop.buy((await shop.createDrop()).id, { customer: customer({ email }) });
    const asked = await shop.send({ method: 'POST', path, json: { email } });
    expect([asked.status, asked.text]).toEqual([202, '{"accepted":true}']);
    expect((await shop.send({ path })).text).toContain('sends no e-mail');
  });
});
