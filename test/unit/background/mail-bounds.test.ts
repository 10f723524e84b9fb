/** E-mails per recipient and hour: those about payments are deferred, and counted separately. */
import { expect, test } from 'vitest';
import { mailSubscriber } from '../../../src/background/mail.ts';
import { logReads } from '../../../src/database/log-reads.ts';
import type { MailAllowance } from '../../../src/domain/delivery-command.ts';
import { RECIPIENT_MAILS_MAX, RECIPIENT_MAILS_WINDOW_MS } from '../../../src/domain/delivery-limits.ts';
import { silentLog } from '../../support/app-deps.ts';
import { createDrop, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { migratedFile, ScratchStore } from '../../support/scratch-store.ts';
import { ids, openThreadedStore } from '../../support/threaded-store.ts';

const take = (allowance: MailAllowance, seq: number, recipient = 'ann') =>
  ({ kind: 'countMail', recipient, allowance, seq }) as const;

test('each quota of a recipient lasts an hour, and a retry does not count again', () => {
  using store = new ScratchStore();
  for (let seq = 1; seq <= RECIPIENT_MAILS_MAX.holds; seq += 1)
    expect(store.run(take('holds', seq), noon).kind).toBe('done');
  expect(store.run(take('holds', 1), noon).kind).toBe('done');
  expect(store.run(take('holds', 99), noon).kind).toBe('mail_limit_reached');
  expect(store.run(take('holds', 99, 'bob'), noon).kind).toBe('done');
  expect(store.run(take('money', 99), noon).kind).toBe('done');
  expect(store.run(take('holds', 99), noon + RECIPIENT_MAILS_WINDOW_MS - 1).kind).toBe('mail_limit_reached');
  expect(store.run(take('holds', 99), noon + RECIPIENT_MAILS_WINDOW_MS).kind).toBe('done');
  expect(store.rows('select count(*) as count from recent_mails')).toEqual([{ count: 1 }]);
});

test('e-mails recorded while the clock was ahead use no quota', () => {
  using store = new ScratchStore();
  const yearMs = 365 * 24 * 3_600_000;
  for (let seq = 1; seq <= RECIPIENT_MAILS_MAX.money; seq += 1) store.run(take('money', seq), noon + yearMs);
  expect(store.run(take('money', 99), noon).kind).toBe('done');
  expect(store.rows('select count(*) as count from recent_mails')).toEqual([{ count: 1 }]);
});

test('an e-mail beyond the quota is delayed if it is about money, and dropped if it is about a hold', async () => {
  const store = await openThreadedStore(migratedFile());
  const clock = new FakeClock(Date.now());
  const sent: string[] = [];
  const mail = mailSubscriber({
    db: store,
    clock,
    ids,
    log: silentLog,
    publicUrl: () => 'https://shop.example',
    sendMail: async ({ subject }) => {
      sent.push(subject);
      return { kind: 'sent' };
    },
    operatorEmail: null,
    isHoldMailOn: true,
  });
  await store.submit(createDrop({ startsAt: 0 }));
  const orderId = placed(await store.submit(placeHold('ann'))).id;
  const recipient = ids.customer('ann@example.com');
  for (const allowance of ['holds', 'money'] as const)
    for (let seq = 1; seq <= RECIPIENT_MAILS_MAX[allowance]; seq += 1)
      await store.submit(take(allowance, -seq, recipient));
  const last = () => {
    const event = logReads(store).eventsAfter(0, 100).at(-1);
    if (!event) throw new Error('Nothing has happened.');
    return event;
  };
  expect(await mail.deliver(last())).toBe('done');
  await store.submit(recordPayment(orderId));
  expect(await mail.deliver(last())).toBe('deferred');
  expect(sent).toEqual([]);
  expect(store.metrics.state().counters.stampede_mails_over_limit_total).toEqual({ holds: 1, money: 1 });
  await store.close(2_000);
});
