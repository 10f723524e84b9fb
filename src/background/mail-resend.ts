/** Resend's API (resend.com/docs): POST /emails, once for each Idempotency-Key within 24 hours. */
import type { MailApi } from './mail-api.ts';

export const resend: MailApi = {
  base: 'https://api.resend.com',
  path: '/emails',
  headersFor: ({ messageId }, key) => ({
    authorization: `Bearer ${key}`,
    'idempotency-key': messageId.slice(1, -1),
  }),
  bodyFor: ({ to, subject, text, html, messageId }, from) => ({
    from,
    to: [to],
    subject,
    text,
    html,
    // Resend writes the Message-ID itself.
    headers: { 'X-Entity-Ref-ID': messageId },
  }),
  errorOf: ({ name }) => name,
  meaningOf(status, error) {
    // The key was used with an older text of the same e-mail, which was accepted.
    if ((status >= 200 && status < 300) || error === 'invalid_idempotent_request') return 'sent';
    // A wrong sender gets 403, so this refusal is about this e-mail. Resend does not say for how
    // long.
    return status === 400 || status === 422 ? 'deferred' : 'unavailable';
  },
};
