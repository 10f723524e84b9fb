/** The HTTP APIs of Resend and Postmark: requests, answers that end a delivery, and log lines. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Mail } from '../../../src/background/event-mails.ts';
import { openMailSender } from '../../../src/background/mail-sender.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { LoopbackPostmark, LoopbackResend } from '../../support/loopback-mail.ts';
import { needed } from '../config/config-rules.ts';

const mail: Mail = {
  to: 'ann@example.com',
  subject: 'Paid: Käse',
  text: 'Thank you.',
  html: '<p>Thank you.</p>',
  messageId: '<evt_1@shop.example>',
};
const senderFor = async (env: Record<string, string>) => {
  const sender = await openMailSender(parseConfig({ ...needed, ...env }).mail);
  if (!sender) throw new Error('There is no mail.');
  return sender;
};

describe('Resend', () => {
  let resend: LoopbackResend;
  beforeEach(async () => {
    resend = await new LoopbackResend().listen();
  });
  afterEach(() => resend.close());

  test('accepts an e-mail once per Message-ID', async () => {
    const { sendMail } = await senderFor(resend.env);
    resend.fail('POST /emails', { kind: 'lost' });
    expect(await sendMail(mail)).toMatchObject({ kind: 'unavailable' });
    expect(await sendMail(mail)).toEqual({ kind: 'sent' });
    const { to, subject, text, messageId } = mail;
    expect(resend.accepted).toEqual([{ to, subject, text, headers: { 'X-Entity-Ref-ID': messageId } }]);
    expect(await sendMail({ ...mail, messageId: '<evt_2@shop.example>' })).toEqual({ kind: 'sent' });
    expect(resend.accepted).toHaveLength(2);
  });

  test('reports an e-mail as sent when its text has changed since', async () => {
    const { sendMail } = await senderFor(resend.env);
    await sendMail(mail);
    expect(await sendMail({ ...mail, text: 'Another wording.' })).toEqual({ kind: 'sent' });
    expect(resend.accepted).toHaveLength(1);
  });

  test.each([
    ['an invalid recipient', 422, 'validation_error', 'deferred'],
    ['a wrong key', 401, 'invalid_api_key', 'unavailable'],
    ['a sender that is not verified', 403, 'validation_error', 'unavailable'],
    ['the same e-mail on its way', 409, 'concurrent_idempotent_requests', 'unavailable'],
    ['a spent quota', 429, 'daily_quota_exceeded', 'unavailable'],
    ['an internal error', 500, 'application_error', 'unavailable'],
  ] as const)('answers %s', async (_, status, name, kind) => {
    const { sendMail } = await senderFor(resend.env);
    resend.refuse = () => resend.error(status, name);
    expect(await sendMail(mail)).toEqual({ kind, code: `${status} ${name}` });
    resend.refuse = () => null;
    expect(await sendMail(mail)).toEqual({ kind: 'sent' });
  });

  test('reports how long to wait', async () => {
    const { sendMail } = await senderFor(resend.env);
    resend.refuse = () => resend.error(429, 'rate_limit_exceeded', { 'retry-after': '7' });
    expect(await sendMail(mail)).toMatchObject({ kind: 'unavailable', retryAfterSeconds: 7 });
  });

  test('is unavailable when it does not answer, redirects or answers without JSON', async () => {
    const { sendMail } = await senderFor(resend.env);
    resend.fail('POST /emails', { kind: 'closed' }, { kind: 'unreadable' });
    expect(await sendMail(mail)).toEqual({ kind: 'unavailable', code: 'TypeError' });
    expect(await sendMail(mail)).toEqual({ kind: 'unavailable', code: '502' });
    resend.fail('POST /emails', {
      kind: 'answer',
      answer: { status: 307, json: {}, headers: { location: `${resend.url}/emails` } },
    });
    const other = await sendMail({ ...mail, messageId: '<evt_3@shop.example>' });
    expect(other).toEqual({ kind: 'unavailable', code: '307' });
    expect(resend.accepted).toEqual([]);
  });
});

describe('Postmark', () => {
  let postmark: LoopbackPostmark;
  beforeEach(async () => {
    postmark = await new LoopbackPostmark().listen();
  });
  afterEach(() => postmark.close());

  test('accepts an e-mail, and keeps its Message-ID', async () => {
    const { sendMail } = await senderFor(postmark.env);
    expect(await sendMail(mail)).toEqual({ kind: 'sent' });
    const { to, subject, text, messageId } = mail;
    expect(postmark.accepted).toEqual([{ to, subject, text, headers: { 'Message-ID': messageId } }]);
  });

  test.each([
    ['a recipient that has bounced', 422, 406, 'rejected'],
    ['an invalid recipient', 422, 300, 'deferred'],
    ['a sender that is not confirmed', 422, 401, 'unavailable'],
    ['an account that may not send', 422, 413, 'unavailable'],
    ['a wrong token', 401, 10, 'unavailable'],
    ['too many requests', 429, 429, 'unavailable'],
    ['an internal error', 500, 100, 'unavailable'],
  ] as const)('answers %s', async (_, status, code, kind) => {
    const { sendMail } = await senderFor(postmark.env);
    postmark.refuse = () => postmark.error(status, code);
    const result = await sendMail(mail);
    expect(result).toEqual({ kind, code: `${status} ${code}` });
    expect(JSON.stringify(result)).not.toContain('canary');
  });
});
