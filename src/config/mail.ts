/** Variables for sending e-mail, and what each provider needs. */
import * as v from 'valibot';
import { emailAddress, emailSender, secret, smtpUrl, url } from './fields.ts';

const mailProviders = ['smtp', 'resend', 'postmark', 'binding'] as const;
type MailProvider = (typeof mailProviders)[number];

export interface MailConfig {
  /** The service that sends e-mails; null: no e-mail. */
  readonly provider: MailProvider | null;
  readonly smtpUrl: string;
  /** Key and origin of the provider's HTTP API; `apiBase` null is the provider's default. */
  readonly apiKey: string;
  readonly apiBase: string | null;
  readonly from: string;
  readonly operatorEmail: string | null;
  /** Whether customers also get e-mails about holds. */
  readonly holds: boolean;
}

/** Bindings of a Worker for sending e-mails. */
export const queueBinding = 'MAIL_QUEUE';
export const emailBinding = 'EMAIL';

export const mailVariables = {
  MAIL_PROVIDER: v.optional(v.picklist(mailProviders, `must be one of: ${mailProviders.join(', ')}`)),
  SMTP_URL: v.optional(smtpUrl),
  MAIL_API_KEY: secret,
  MAIL_API_BASE: v.optional(url),
  MAIL_FROM: v.optional(emailSender),
  OPERATOR_EMAIL: v.optional(emailAddress),
  HOLD_MAIL: v.optional(v.picklist(['on', 'off'], 'must be on or off'), 'off'),
};
type MailValues = v.InferOutput<v.ObjectSchema<typeof mailVariables, undefined>>;
type Given = Readonly<Record<string, string | undefined>>;

/** SMTP_URL alone selects smtp. */
const providerOf = ({ MAIL_PROVIDER, SMTP_URL }: Given): string | undefined =>
  MAIL_PROVIDER ?? (SMTP_URL === undefined ? undefined : 'smtp');

/** Resend's keys have a prefix, Postmark's tokens do not: recognises the other provider's key. */
const isKeyOf = (provider: string, key: string): boolean => key.startsWith('re_') === (provider === 'resend');

/** One sentence per mistake, with its variable. `worker`: the bindings of a Worker, or null. */
export function mailMistakes(given: Given, worker: readonly string[] | null): [name: string, text: string][] {
  const provider = providerOf(given);
  const { SMTP_URL, MAIL_API_KEY, MAIL_FROM, PUBLIC_URL } = given;
  const hasApi = provider === 'resend' || provider === 'postmark';
  const mistakes: (readonly [name: string, isWrong: boolean, text: string])[] = [
    ['MAIL_PROVIDER', provider === 'binding' && !worker, 'must not be binding: only Workers support it'],
    ['SMTP_URL', provider === 'smtp' && SMTP_URL === undefined, 'is missing: MAIL_PROVIDER is smtp'],
    [
      'SMTP_URL',
      provider !== 'smtp' && SMTP_URL !== undefined,
      `must not be set: MAIL_PROVIDER is ${provider}`,
    ],
    ['MAIL_API_KEY', hasApi && MAIL_API_KEY === undefined, `is missing: MAIL_PROVIDER is ${provider}`],
    [
      'MAIL_API_KEY',
      hasApi && MAIL_API_KEY !== undefined && !isKeyOf(provider, MAIL_API_KEY),
      `must be a key of ${provider}`,
    ],
    [
      'MAIL_API_KEY',
      !hasApi && MAIL_API_KEY !== undefined,
      'must not be set: it is for MAIL_PROVIDER resend or postmark',
    ],
    ['MAIL_FROM', provider !== undefined && MAIL_FROM === undefined, 'is missing: e-mail needs a sender'],
  ];
  if (worker && provider !== undefined) {
    const isPort25 = URL.canParse(SMTP_URL ?? '') && new URL(SMTP_URL ?? '').port === '25';
    mistakes.push(
      [queueBinding, !worker.includes(queueBinding), 'is missing: bind the e-mail queue in wrangler.toml'],
      [
        emailBinding,
        provider === 'binding' && !worker.includes(emailBinding),
        'is missing: MAIL_PROVIDER is binding; add send_email to wrangler.toml',
      ],
      ['PUBLIC_URL', PUBLIC_URL === undefined, 'is missing: links in e-mails begin with it'],
      ['SMTP_URL', isPort25, 'must not use port 25, which Workers cannot reach: use 465 or 587'],
    );
  }
  return mistakes.flatMap(([name, isWrong, text]) =>
    isWrong ? [[name, `${name} ${text}`] as [string, string]] : [],
  );
}

export const mailOf = (values: MailValues): MailConfig => ({
  provider: values.MAIL_PROVIDER ?? (values.SMTP_URL === undefined ? null : 'smtp'),
  smtpUrl: values.SMTP_URL ?? '',
  apiKey: values.MAIL_API_KEY ?? '',
  apiBase: values.MAIL_API_BASE ?? null,
  from: values.MAIL_FROM ?? '',
  operatorEmail: values.OPERATOR_EMAIL ?? null,
  holds: values.HOLD_MAIL === 'on',
});
