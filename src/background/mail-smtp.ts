/** Sends mail by SMTP. */
import { createTransport } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import { MAIL_CONNECTIONS_MAX, MAIL_TIMEOUT_MS } from '../limits.ts';
import type { MailSender } from './mail.ts';

/** What nodemailer reports about a failure, without its message, which may contain the address. */
interface Failure {
  code?: string;
  command?: string;
  responseCode?: number;
}

/** The server ends the session; the recipient is not at fault. */
const CLOSING = 421;

/**
 * Permanent SMTP refusals begin with 5, temporary ones with 4. Only those of RCPT TO and DATA
 * concern this e-mail. The operator must fix a wrong password or sender, and no mail may be lost
 * until then.
 */
function meaningOf({ command, responseCode = 0 }: Failure): 'rejected' | 'deferred' | 'unavailable' {
  if ((command !== 'RCPT TO' && command !== 'DATA') || responseCode === CLOSING) return 'unavailable';
  if (responseCode >= 500) return 'rejected';
  return responseCode >= 400 ? 'deferred' : 'unavailable';
}

/**
 * Whether to require encryption before sending the password; not with `?requireTLS=false` in the
 * URL.
 */
const needsTls = (url: URL): boolean =>
  url.protocol === 'smtp:' && url.password !== '' && url.searchParams.get('requireTLS') !== 'false';

/**
 * `url` is smtp:// or smtps://, with user and password if needed. `getSocket` overrides how
 * connections are opened.
 */
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
      // The subscriber retries.
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
