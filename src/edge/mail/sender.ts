/**
 * Opens a Worker's mail sender: the platform's binding, a provider's HTTP API, or SMTP over the
 * platform's sockets.
 */
import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import type { MailSender } from '../../background/mail.ts';
import { openMailSender } from '../../background/mail-sender.ts';
import type { Config } from '../../config/config.ts';
import { emailBinding } from '../../config/mail.ts';
import { MAIL_TIMEOUT_MS } from '../../limits.ts';
import { bindingMail } from './email-binding.ts';

const SMTPS_PORT = 465;
const SUBMISSION_PORT = 587;

/**
 * Connects by host name, so that the platform verifies the certificate against it. The default
 * resolves the name first and would verify against the IP address.
 */
const connectByName: NonNullable<SMTPPool.Options['getSocket']> = (options, done) => {
  const { host = '', secure = false } = options;
  const port = Number(options.port ?? (secure ? SMTPS_PORT : SUBMISSION_PORT));
  const socket = secure ? connectTls({ host, port }) : connectPlain({ host, port });
  // Each of the mail client's deadlines adds a listener. Node only warns of many; workerd throws.
  socket.setMaxListeners(0);
  const fail = (error: Error): void => {
    socket.destroy();
    done(Object.assign(error, { code: 'ESOCKET' }), undefined);
  };
  const deadline = setTimeout(() => fail(new Error('The connection timed out.')), MAIL_TIMEOUT_MS);
  const refuse = (error: Error): void => {
    clearTimeout(deadline);
    fail(error);
  };
  socket.once('error', refuse);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    clearTimeout(deadline);
    socket.off('error', refuse);
    done(null, { connection: socket, secured: secure });
  });
};

/** Null if the Worker sends no mail. */
export async function openEdgeMailSender(
  { mail }: Config,
  env: { [emailBinding]?: SendEmail },
): Promise<MailSender | null> {
  if (mail.provider !== 'binding') return openMailSender(mail, connectByName);
  const email = env[emailBinding];
  return email ? { sendMail: bindingMail(email, mail.from), close: () => undefined } : null;
}
