/** Sends mail by SMTP. */
import { createTransport } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import type { MailSender } from '../background/mail.ts';
import { MAIL_CONNECTIONS_MAX, MAIL_TIMEOUT_MS } from '../limits.ts';

/** What nodemailer says of a failure beside its message, which may hold the address. */
interface Failure {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** The server ends the session; no recipient is at fault. */
const CLOSING = 421;

/**
 * Permanent SMTP refusals begin with 5, temporary ones with 4. Only those of RCPT TO and DATA are about this letter: the
 * operator must correct a wrong password or sender, and no mail must be lost until then.
 */
function meaningOf({ command, responseCode = 0 }: Failure): 'rejected' | 'late' | 'away' {
  if ((command !== 'RCPT TO' && command !== 'DATA') || responseCode === CLOSING) return 'away';
  if (responseCode >= 500) return 'rejected';
  return responseCode >= 400 ? 'late' : 'away';
}

/** Whether the connection must be encrypted before the password is sent; `?requireTLS=false` in the URL says no. */
const needsTls = (url: URL): boolean =>
  url.protocol === 'smtp:' && url.password !== '' && url.searchParams.get('requireTLS') !== 'false';

/** `url` is smtp:// or smtps:// with user and password where they are needed. `getSocket`: opens the connections instead of Node. */
export function connectSmtp(
  url: string,
  from: string,
  getSocket?: NonNullable<SMTPPool.Options['getSocket']>,
): MailSender {
  const transport = createTransport(
    {
      url,
      ...(needsTls(new URL(url)) && { requireTLS: true }),
      pool: true,
      maxConnections: MAIL_CONNECTIONS_MAX,
      // Whoever follows the log tries again.
      maxRequeues: 0,
      connectionTimeout: MAIL_TIMEOUT_MS,
      greetingTimeout: MAIL_TIMEOUT_MS,
      socketTimeout: MAIL_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(getSocket && { getSocket }),
    },
    { from },
  );
  return {
    async sendMail({ to, subject, text, html, messageId }) {
      try {
        await transport.sendMail({ to: { name: '', address: to }, subject, text, html, messageId });
        return { kind: 'sent' };
      } catch (error) {
        const failure = error as Failure;
        const { code = 'unknown', responseCode } = failure;
        return {
          kind: meaningOf(failure),
          code: responseCode === undefined ? code : `${code} ${responseCode}`,
        };
      }
    },
    close: () => transport.close(),
  };
}
