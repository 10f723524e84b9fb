/** Mail about real events through a real SMTP server: recipients, and final refusals. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type MailSender, mailSubscriber } from '../../../src/background/mail.ts';
import { connectSmtp } from '../../../src/background/mail-smtp.ts';
import { linksMailContent, mailContent } from '../../../src/background/mail-templates.ts';
import { outboundEvent } from '../../../src/background/outbound-event.ts';
import type { Subscriber } from '../../../src/background/subscriber.ts';
import { type LoggedEvent, logReads } from '../../../src/database/log-reads.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import type { EventKind } from '../../../src/domain/event.ts';
import { SOLD_OUT_MAIL_INTERVAL_MS } from '../../../src/limits.ts';
import { silentLog } from '../../support/app-deps.ts';
import { createDrop, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MailReceiver } from '../../support/receivers.ts';
import { migratedFile } from '../../support/scratch-store.ts';
import { ids, openThreadedStore, owedRefund } from '../../support/threaded-store.ts';

const ann = 'ann@example.com';
const operator = 'operator@example.com';
const secondMs = 1_000;
let store: OwnDatabase;
let orderId: number;
let clock: FakeClock;
let receiver: MailReceiver;
let smtp: MailSender;
let mail: Subscriber;
let warnings: Readonly<Record<string, unknown>>[];

function subscriber(url: string): Subscriber {
  smtp.close();
  smtp = connectSmtp(url, 'Shop <shop@example.com>');
  return mailSubscriber({
    db: store,
    clock,
    ids,
    log: { ...silentLog, warn: (fields) => void warnings.push(fields) },
    publicUrl: () => 'https://shop.example',
    sendMail: smtp.sendMail,
    operatorEmail: operator,
    isHoldMailOn: true,
  });
}
function eventOf(kind: EventKind): LoggedEvent {
  const found = logReads(store).eventsAfter(0, 100);
  const last = found.findLast((event) => event.kind === kind);
  if (!last) throw new Error(`Nothing of the kind ${kind} happened.`);
  return last;
}
const headerOf = (text: string | undefined, name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, 'mi').exec(text?.split('\r\n\r\n')[0]?.replaceAll('\r\n', '\n') ?? '')?.[1];

beforeEach(async () => {
  receiver = await new MailReceiver().listen();
  store = await openThreadedStore(migratedFile());
  clock = new FakeClock(Date.now());
  warnings = [];
  smtp = connectSmtp(receiver.url, 'nobody');
  mail = subscriber(receiver.url);
  const title = 'A <b>drop</b>\r\nBcc: evil@example.com';
  const items = [{ sku: 'one', name: '<i>One</i>', price: 1250, stock: 1 }];
  await store.submit(createDrop({ title, startsAt: 0, items }));
  orderId = placed(await store.submit(placeHold('ann'))).id;
});
afterEach(async () => {
  smtp.close();
  await store.close(2_000);
  await receiver.close();
});

test('a password is sent over TLS only, unless the address says otherwise', async () => {
  const withPassword = receiver.url.replace('smtp://', 'smtp://user:canary@');
  // This receiver offers no STARTTLS.
  expect(await subscriber(withPassword).deliver(eventOf('held'))).toBe('unavailable');
  expect(JSON.stringify(warnings)).toContain('ETLS');
  expect(receiver.received).toEqual([]);
  await subscriber(`${withPassword}?requireTLS=false`).deliver(eventOf('held'));
  expect(JSON.stringify(warnings.slice(1))).not.toContain('ETLS');
});

test('a title is escaped in the headers and in the HTML', async () => {
  expect(await mail.deliver(eventOf('held'))).toBe('done');
  const [first] = receiver.received;
  expect(receiver.received.map(({ to }) => to)).toEqual([ann]);
  expect(headerOf(first?.text, 'Subject')).toBe('Held for you: A <b>drop</b> Bcc: evil@example.com');
  expect(headerOf(first?.text, 'Bcc')).toBeUndefined();
  const page = first?.text.slice(first.text.indexOf('<!doctype')) ?? '';
  expect(page).toContain('&lt;b&gt;drop&lt;/b&gt;');
  expect(page).not.toMatch(/<[bi]>/);
});

test('an e-mail about one unit uses the singular', () => {
  const found = {
    number: '12',
    title: 'Fern',
    status: 'paid',
    url: 'https://shop.example/o/ord_x',
    createdAt: 0,
  };
  const [one, two] = [linksMailContent([found]), linksMailContent([found, found])];
  expect([one.subject, two.subject]).toEqual(['Your order', 'Your orders']);
  expect(one.text).toContain('You asked for the link to your order. ');
  expect(two.text).toContain('You asked for the links to your orders. ');
  const held = outboundEvent(eventOf('held'), store, ids);
  if (!held) throw new Error('There is no event.');
  const links = { number: '12', pay: '', order: '', refunds: '' };
  for (const type of ['order.held', 'order.paid', 'order.released', 'order.refunded'] as const) {
    const { text } = mailContent({ ...held, type }, links);
    expect(text, type).not.toMatch(/\b(?:1 [a-z]+s|your units)\b/);
  }
});

test('a subject is reduced to one line before it is sent', () => {
  const event = outboundEvent(eventOf('held'), store, ids);
  expect(event && mailContent(event, { number: '', pay: '', order: '', refunds: '' }).subject).toBe(
    'Held for you: A <b>drop</b> Bcc: evil@example.com',
  );
});

test('the links lead to the payment and to the order, and a repeated e-mail has the same Message-ID', async () => {
  await mail.deliver(eventOf('held'));
  await mail.deliver(eventOf('held'));
  const id = ids.order({ dropId: 1, orderId });
  expect(receiver.received[0]?.text).toContain(`https://shop.example/pay/${id}`);
  await store.submit(recordPayment(orderId));
  await mail.deliver(eventOf('paid'));
  expect(receiver.received[2]?.text).toContain(`https://shop.example/o/${id}#${ids.orderToken(id)}`);
  const [first, again, other] = receiver.received.map(({ text }) => headerOf(text, 'Message-ID'));
  expect(first).toBe(`<${ids.event(eventOf('held'))}@shop.example>`);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('an expired hold gets no payment reminder', async () => {
  clock.advance(601 * secondMs);
  expect(await mail.deliver(eventOf('held'))).toBe('done');
  expect(receiver.received).toEqual([]);
});

test('a paid order gets no payment reminder', async () => {
  await store.submit(recordPayment(orderId));
  expect(await mail.deliver(eventOf('held'))).toBe('done');
  expect(receiver.received).toEqual([]);
});

test('a customer whose personal data is deleted gets no more e-mails', async () => {
  await store.submit(recordPayment(orderId));
  await store.submit({ kind: 'eraseCustomer', actor: 'operator', customer: 'ann', openOrders: [orderId] });
  expect(await mail.deliver(eventOf('paid'))).toBe('done');
  expect(receiver.received).toEqual([]);
});

test('the operator is notified of a sell-out once in a quarter of an hour', async () => {
  const soldOut = eventOf('sold_out');
  receiver.refuse = () => 451;
  expect(await mail.deliver(soldOut)).toBe('deferred');
  receiver.refuse = () => null;
  expect(await mail.deliver(soldOut)).toBe('done');
  const next = { ...soldOut, seq: soldOut.seq + 1 };
  expect(await mail.deliver(next)).toBe('done');
  expect(receiver.received.map(({ to }) => to)).toEqual([operator]);
  clock.advance(SOLD_OUT_MAIL_INTERVAL_MS);
  await mail.deliver(next);
  expect(receiver.received).toHaveLength(2);
});

test.each([
  ['a permanently refused recipient', 550, 'done'],
  ['a temporarily refused recipient', 451, 'deferred'],
] as const)('%s', async (_, code, answer) => {
  receiver.refuse = () => code;
  expect(await mail.deliver(eventOf('held'))).toBe(answer);
  expect(warnings).toEqual([{ event: ids.event(eventOf('held')), code: `EENVELOPE ${code}` }]);
  expect(receiver.received).toEqual([]);
});

test('no e-mail is lost by a wrong sender, a wrong password or a server that is unavailable', async () => {
  const held = eventOf('held');
  receiver.refuseSender = () => 550;
  expect(await mail.deliver(held)).toBe('unavailable');
  receiver.refuseSender = () => null;
  mail = subscriber(`${receiver.url.replace('//', '//user:canary@')}?requireTLS=false`);
  expect(await mail.deliver(held)).toBe('unavailable');
  const { url } = receiver;
  await receiver.close();
  mail = subscriber(url);
  expect(await mail.deliver(held)).toBe('unavailable');
  receiver = await new MailReceiver().listen();
  mail = subscriber(receiver.url);
  expect(await mail.deliver(held)).toBe('done');
  expect(receiver.subjectsTo(ann)).toHaveLength(1);
  expect(warnings.map(({ code }) => code)).toEqual([
    'EENVELOPE 550',
    expect.stringMatching(/^EAUTH/),
    'ESOCKET',
  ]);
  expect(JSON.stringify(warnings)).not.toMatch(/canary|ann/);
});

test('the operator gets an e-mail about a dispute, without the buyer’s data', async () => {
  await store.submit(recordPayment(orderId));
  const dispute = {
    kind: 'dispute',
    status: 'open',
    reason: 'fraudulent',
    openedAt: 1,
    happenedAt: 2,
  } as const;
  await store.submit({
    kind: 'recordMovement',
    provider: 'sandbox',
    keepsEarly: false,
    paymentReference: `payment of event of ${orderId}`,
    movement: { ...dispute, amount: 1250, currency: 'EUR', reference: 'dp_1' },
  });
  await mail.deliver(eventOf('dispute_opened'));
  const [first] = receiver.received;
  expect(first?.to).toBe(operator);
  expect(first?.text).toContain('disputes a payment of');
  expect(first?.text).not.toContain(ann);
  expect(first?.text).not.toContain(ids.orderToken(ids.order({ dropId: 1, orderId })));
});

test('the operator gets an e-mail about a dispute and a failed refund of money that belongs to no order', async () => {
  await store.submit(recordPayment(null));
  await store.submit({
    kind: 'recordMovement',
    provider: 'sandbox',
    keepsEarly: false,
    paymentReference: 'payment of event of null',
    movement: {
      kind: 'dispute',
      status: 'open',
      reason: 'fraudulent',
      openedAt: 1,
      happenedAt: 2,
      amount: 1250,
      currency: 'EUR',
      reference: 'dp_1',
    },
  });
  await store.submit({
    kind: 'finishRefund',
    refundId: owedRefund(store),
    result: 'failed',
    error: 'charge_disputed',
  });
  for (const kind of ['dispute_opened', 'refund_due', 'refund_failed'] as const)
    await mail.deliver(eventOf(kind));
  expect(receiver.received.map(({ to, text }) => [to, headerOf(text, 'Subject')])).toEqual([
    [operator, 'Payment disputed'],
    [operator, 'Refund failed'],
  ]);
  for (const { text } of receiver.received) {
    expect(text).toContain('12.50');
    expect(text).toContain('in the dashboard of sandbox');
    expect(text).toContain('https://shop.example/admin/ui/refunds');
  }
});
