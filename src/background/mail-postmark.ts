/** Postmark's API (postmarkapp.com/developer): POST /email. It has no idempotency keys. */
import type { MailApi } from './mail-api.ts';

/** The recipient has bounced or reported spam; Postmark accepts no e-mail for it. */
const INACTIVE_RECIPIENT = '406';
const INVALID_REQUEST = '300';

export const postmark: MailApi = {
  base: 'https://api.postmarkapp.com',
  path: '/email',
  headersFor: (_, key) => ({ 'x-postmark-server-token': key }),
  bodyFor: ({ to, subject, text, html, messageId }, from) => ({
    From: from,
    To: to,
    Subject: subject,
    TextBody: text,
    HtmlBody: html,
    MessageStream: 'outbound',
    Headers: [
      { Name: 'Message-ID', Value: messageId },
      // Without this, Postmark writes its own Message-ID.
      { Name: 'X-PM-KeepID', Value: 'true' },
    ],
  }),
  errorOf: ({ ErrorCode }) => ErrorCode,
  meaningOf(status, error) {
    if (status >= 200 && status < 300) return 'sent';
    if (status !== 422) return 'unavailable';
    if (error === INACTIVE_RECIPIENT) return 'rejected';
    return error === INVALID_REQUEST ? 'deferred' : 'unavailable';
  },
};
