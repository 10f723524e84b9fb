/** Opens the configured mail sender, if any runtime can: SMTP, or a provider's HTTP API. */

import type { MailConfig } from '../config/mail.ts';
import type { MailSender } from './mail.ts';
import { apiMail } from './mail-api.ts';
import { postmark } from './mail-postmark.ts';
import { resend } from './mail-resend.ts';
import type { connectSmtp } from './mail-smtp.ts';

const apis = { resend, postmark } as const;

/**
 * Returns null without mail, or if only a Worker can send it. `getSocket` overrides how SMTP
 * connects.
 */
export async function openMailSender(
  { provider, smtpUrl, apiKey: key, apiBase: base, from }: MailConfig,
  getSocket?: Parameters<typeof connectSmtp>[2],
): Promise<MailSender | null> {
  if (provider === 'smtp') return (await import('./mail-smtp.ts')).connectSmtp(smtpUrl, from, getSocket);
  if (provider === null || provider === 'binding') return null;
  return { sendMail: apiMail(apis[provider], { base, key, from }), close: () => undefined };
}
