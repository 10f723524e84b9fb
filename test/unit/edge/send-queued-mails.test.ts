/** The consumer of the mail queue, and Cloudflare's e-mail: redeliveries, times, the log. */
import { expect, test } from 'vitest';
import type { Draft } from '../../../src/background/event-mails.ts';
import type { SendResult } from '../../../src/background/mail.ts';
import { QUEUE_PAUSE_MAX_S, QUEUE_RETRIES_MAX } from '../../../src/domain/delivery-limits.ts';
import { bindingMail } from '../../../src/edge/mail/email-binding.ts';
import { queueMessageOf } from '../../../src/edge/mail/queued.ts';
import {
  type QueuedMessage,
  type SendQueuedMailsDeps,
  sendQueuedMails,
} from '../../../src/edge/mail/send-queued-mails.ts';
import { silentLog } from '../../support/app-deps.ts';

const mail = {
  to: 'canary@example.com',
  subject: 'Paid',
  text: 'Thank you.',
  html: '<p>Thank you.</p>',
  messageId: '<evt_1@shop.example>',
};
const draft: Draft = { event: 'evt_1', mail };
type Fate = 'acknowledged' | number | null;

/** Delivers messages as the queue does; returns the result of each, and the errors in the log. */
async function deliver(
  messages: readonly { body: unknown; attempts?: number }[],
  deps: Partial<Pick<SendQueuedMailsDeps, 'composeMail' | 'sendMail' | 'endLinks'>>,
): Promise<{ fates: Fate[]; errors: object[]; warnings: object[] }> {
  const fates: Fate[] = messages.map(() => null);
  const errors: object[] = [];
  const warnings: object[] = [];
  const batch = messages.map(
    ({ body, attempts = 1 }, index): QueuedMessage => ({
      body,
      attempts,
      ack: () => {
        fates[index] = 'acknowledged';
      },
      retry: ({ delaySeconds }) => {
        fates[index] = delaySeconds;
      },
    }),
  );
  await sendQueuedMails(batch, {
    composeMail: async () => draft,
    sendMail: async () => ({ kind: 'sent' }),
    endLinks: async () => undefined,
    ...deps,
    log: {
      ...silentLog,
      warn: (fields) => void warnings.push(fields),
      error: (fields) => void errors.push(fields),
    },
    random: () => 0,
  });
  return { fates, errors, warnings };
}
const message = (seq: number, attempts = 1) => ({ body: { shardId: 3, seq }, attempts });
const answering = (result: SendResult) => ({ sendMail: async () => result });

test('a sent e-mail and a deleted one are not redelivered', async () => {
  const asked: unknown[] = [];
  const { fates } = await deliver([message(1), message(2)], {
    composeMail: async (queued) => {
      asked.push(queued);
      return asked.length === 1 ? draft : 'done';
    },
  });
  expect(fates).toEqual(['acknowledged', 'acknowledged']);
  expect(asked).toEqual([
    { shardId: 3, seq: 1 },
    { shardId: 3, seq: 2 },
  ]);
});

test('a request for lost links ends with its e-mail, and not before', async () => {
  const ended: unknown[] = [];
  const endLinks = async (queued: unknown) => void ended.push(queued);
  const body = { shardId: 3, links: { id: 1, at: 2 } };
  await deliver([{ body }], { endLinks, ...answering({ kind: 'unavailable', code: '503' }) });
  expect(ended).toEqual([]);
  await deliver([{ body }, message(1)], { endLinks });
  expect(ended).toEqual([body]);
});

test('a permanently refused recipient ends only its own e-mail', async () => {
  const sent: SendResult[] = [{ kind: 'rejected', code: '550' }, { kind: 'sent' }];
  const { fates, warnings } = await deliver([message(1), message(2)], {
    sendMail: async () => sent.shift() ?? { kind: 'sent' },
  });
  expect([fates, warnings]).toEqual([['acknowledged', 'acknowledged'], [{ event: 'evt_1', code: '550' }]]);
});

test('the wait doubles, up to half an hour or to the provider’s Retry-After', async () => {
  const away = answering({ kind: 'unavailable', code: '503' });
  const { fates } = await deliver([message(1, 1), message(1, 2), message(1, 50)], away);
  expect(fates).toEqual([2, 4, 1_800]);
  const pausing = await deliver(
    [message(1)],
    answering({ kind: 'unavailable', code: '429', retryAfterSeconds: 90 }),
  );
  expect(pausing.fates).toEqual([90]);
  const greedy = await deliver(
    [message(1)],
    answering({ kind: 'unavailable', code: '429', retryAfterSeconds: 999_999 }),
  );
  expect(greedy.fates).toEqual([QUEUE_PAUSE_MAX_S]);
});

test.each(['deferred', 'unavailable', 'retry'] as const)(
  'an e-mail whose object answers %s is redelivered',
  async (answer) => {
    expect((await deliver([message(1)], { composeMail: async () => answer })).fates).toEqual([2]);
  },
);

test('an object that does not answer delays only its own e-mail, and the log quotes nothing', async () => {
  const { fates, warnings } = await deliver([message(1), message(2)], {
    composeMail: async (queued) => {
      if ('seq' in queued && queued.seq === 1) throw new TypeError('no answer about canary@example.com');
      return draft;
    },
  });
  expect(fates).toEqual([2, 'acknowledged']);
  expect(warnings).toEqual([{ shardId: 3, seq: 1, error: 'TypeError' }]);
});

test('the log names an e-mail that goes to the dead-letter queue', async () => {
  const away = answering({ kind: 'unavailable', code: '503' });
  expect((await deliver([message(1, QUEUE_RETRIES_MAX)], away)).errors).toEqual([]);
  const attempts = QUEUE_RETRIES_MAX + 1;
  const last = await deliver([message(1, attempts)], away);
  expect(last.errors).toEqual([{ shardId: 3, seq: 1, attempts }]);
  expect(last.fates).toEqual([1_800]);
});

test('a message that an earlier version queued, or an interim one, is sent', async () => {
  const asked: unknown[] = [];
  const ended: unknown[] = [];
  const links = { id: 1, at: 2 };
  const bodies = [
    { place: 3, seq: 1 },
    { shardId: 3, seq: 1 },
    { place: 3, links },
    { shardId: 3, links },
  ];
  const { fates } = await deliver(
    bodies.map((body) => ({ body })),
    {
      composeMail: async (queued) => {
        asked.push(queued);
        return draft;
      },
      endLinks: async (queued) => void ended.push(queued),
    },
  );
  expect(fates).toEqual(bodies.map(() => 'acknowledged'));
  expect(asked).toEqual([message(1).body, message(1).body, ...ended]);
  expect(ended).toEqual([
    { shardId: 3, links },
    { shardId: 3, links },
  ]);
});

test('a message is queued under the names that earlier versions read', () => {
  expect(queueMessageOf({ shardId: 3, seq: 1 })).toEqual({ place: 3, seq: 1 });
  expect(queueMessageOf({ shardId: 3, links: { id: 1, at: 2 } })).toEqual({
    place: 3,
    links: { id: 1, at: 2 },
  });
});

test.each([
  null,
  'text',
  {},
  { shardId: -1, seq: 1 },
  { shardId: 1, seq: 0 },
  { shardId: 1, links: { id: 1 } },
  { shardId: 2 ** 26, seq: 1 },
  { shardId: 1, seq: 1, to: 'canary@example.com' },
  { shardId: 1, place: 1, seq: 1 },
])('a message without an e-mail is dropped and logged: %j', async (body) => {
  const { fates, errors } = await deliver([{ body }, message(1)], {});
  expect(fates).toEqual(['acknowledged', 'acknowledged']);
  expect(errors).toEqual([{}]);
});

test.each([
  ['shop@example.com', 'shop@example.com'],
  ['Shop <shop@example.com>', { name: 'Shop', email: 'shop@example.com' }],
  ['"Shop, Inc." <shop@example.com>', { name: 'Shop, Inc.', email: 'shop@example.com' }],
  ['<shop@example.com>', 'shop@example.com'],
])('the binding gets the sender %s, and a stable id', async (from, sender) => {
  const sent: unknown[] = [];
  const send = bindingMail({ send: async (sending) => void sent.push(sending) }, from);
  expect(await send(mail)).toEqual({ kind: 'sent' });
  const { messageId, ...sending } = mail;
  expect(sent).toEqual([{ ...sending, from: sender, headers: { 'X-Entity-Ref-ID': messageId } }]);
});

test.each([
  ['E_RECIPIENT_SUPPRESSED', 'rejected'],
  ['E_DELIVERY_FAILED', 'deferred'],
  ['E_VALIDATION_ERROR', 'deferred'],
  ['E_SENDER_NOT_VERIFIED', 'unavailable'],
  ['E_RECIPIENT_NOT_ALLOWED', 'unavailable'],
  ['E_DAILY_LIMIT_EXCEEDED', 'unavailable'],
  ['E_INTERNAL_SERVER_ERROR', 'unavailable'],
] as const)('the binding answers %s', async (code, kind) => {
  const send = bindingMail(
    { send: () => Promise.reject(Object.assign(new Error('canary@example.com'), { code })) },
    'shop@example.com',
  );
  expect(await send(mail)).toEqual({ kind, code });
});

test('the binding fails without an error message', async () => {
  const send = bindingMail({ send: () => Promise.reject(new Error('canary')) }, 'shop@example.com');
  expect(await send(mail)).toEqual({ kind: 'unavailable', code: 'unknown' });
});
