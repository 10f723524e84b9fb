/**
 * Sends e-mails through the binding of Cloudflare Email Service
 * (developers.cloudflare.com/email-service).
 */
import type { SendMail, SendResult } from '../../background/mail.ts';

type Sender = string | { name: string; email: string };

/** The part of the platform's binding that is used here. */
interface EmailBinding {
  send(mail: {
    from: Sender;
    to: string;
    subject: string;
    text: string;
    html: string;
    headers: Record<string, string>;
  }): Promise<unknown>;
}

/** Error codes that concern one e-mail; all others concern every e-mail. */
const meanings: Readonly<Record<string, SendResult['kind']>> = {
  E_RECIPIENT_SUPPRESSED: 'rejected',
  E_DELIVERY_FAILED: 'deferred',
  E_VALIDATION_ERROR: 'deferred',
  E_CONTENT_TOO_LARGE: 'deferred',
};

/** Converts MAIL_FROM to the binding's format. */
function senderOf(from: string): Sender {
  const [, name = '', email = ''] = /^(.*?) *<([^<>]+)>$/.exec(from) ?? [];
  if (email === '') return from;
  return name === '' ? email : { name: name.replace(/^"(.*)"$/, '$1'), email };
}

/** Sends by the binding, which sets the Message-ID itself and supports no idempotency keys. */
export const bindingMail =
  (email: EmailBinding, from: string): SendMail =>
  async ({ to, subject, text, html, messageId }) => {
    try {
      const headers = { 'X-Entity-Ref-ID': messageId };
      await email.send({ from: senderOf(from), to, subject, text, html, headers });
      return { kind: 'sent' };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { kind: meanings[code] ?? 'unavailable', code };
    }
  };
