/** Sends letters by the binding of Cloudflare's Email Service (developers.cloudflare.com/email-service). */
import type { SendMail, SendResult } from '../../background/mail.ts';

type Sender = string | { name: string; email: string };

/** The part of the platform's binding that is needed here. */
interface EmailBinding {
  send(letter: {
    from: Sender;
    to: string;
    subject: string;
    text: string;
    html: string;
    headers: Record<string, string>;
  }): Promise<unknown>;
}

/** The service's words for a refusal of this letter; all others concern every letter. */
const meanings: Readonly<Record<string, SendResult['kind']>> = {
  E_RECIPIENT_SUPPRESSED: 'rejected',
  E_DELIVERY_FAILED: 'late',
  E_VALIDATION_ERROR: 'late',
  E_CONTENT_TOO_LARGE: 'late',
};

/** MAIL_FROM as the binding takes it. */
function senderOf(from: string): Sender {
  const [, name = '', email = ''] = /^(.*?) *<([^<>]+)>$/.exec(from) ?? [];
  if (email === '') return from;
  return name === '' ? email : { name: name.replace(/^"(.*)"$/, '$1'), email };
}

/** The service writes the Message-ID itself, and knows no idempotency keys. */
export const bindingMail =
  (email: EmailBinding, from: string): SendMail =>
  async ({ to, subject, text, html, messageId }) => {
    try {
      const headers = { 'X-Entity-Ref-ID': messageId };
      await email.send({ from: senderOf(from), to, subject, text, html, headers });
      return { kind: 'sent' };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return { kind: meanings[code] ?? 'away', code };
    }
  };
