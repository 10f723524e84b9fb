/** Sends mail by SMTP on Node and Bun. */
import { createTransport } from 'nodemailer';
import type { SendMail } from '../background/mail.ts';
import { MAIL_CONNECTIONS_MAX, MAIL_TIMEOUT_MS } from '../limits.ts';

export interface Smtp {
  sendMail: SendMail;
  close(): void;
}

/** SMTP's permanent refusals begin with a five: all else may be better next time. */
const isForGood = (error: unknown): boolean =>
  error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;

/** `url` is smtp:// or smtps:// with user and password where they are needed. */
export function connectSmtp(url: string, from: string): Smtp {
  const transport = createTransport(
    {
      url,
      pool: true,
      maxConnections: MAIL_CONNECTIONS_MAX,
      connectionTimeout: MAIL_TIMEOUT_MS,
      greetingTimeout: MAIL_TIMEOUT_MS,
      socketTimeout: MAIL_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  );
  return {
    async sendMail({ to, subject, text, html, messageId }) {
      try {
        await transport.sendMail({ to: { name: '', address: to }, subject, text, html, messageId });
        return 'sent';
      } catch (error) {
        return isForGood(error) ? 'rejected' : 'retry';
      }
    },
    close: () => transport.close(),
  };
}
