/**
 * Resend and Postmark on loopback: their wire formats for sending one e-mail, and the e-mails that
 * they accepted.
 */
import { type Answered, type Asked, LoopbackProvider } from './loopback-provider.ts';

export interface AcceptedMail {
  to: string;
  subject: string;
  text: string;
  /** The headers that the provider puts into the e-mail. */
  headers: Record<string, string>;
}

const refused = (status: number, json: object, headers: Record<string, string> = {}): Answered => ({
  status,
  json,
  headers,
  isUnkept: true,
});

abstract class LoopbackMail extends LoopbackProvider {
  abstract readonly apiKey: string;
  abstract readonly provider: 'resend' | 'postmark';
  readonly accepted: AcceptedMail[] = [];
  /** The recipients of all requests, refused ones included. */
  readonly attempts: string[] = [];
  /** The refusal for a recipient; null accepts the e-mail. */
  refuse: (to: string) => Answered | null = () => null;

  protected abstract mailIn(asked: Asked): AcceptedMail | Answered;
  protected abstract receipt(mail: AcceptedMail): object;

  /** The configuration of a server that sends through this provider. */
  get env(): Record<string, string> {
    return {
      MAIL_PROVIDER: this.provider,
      MAIL_API_KEY: this.apiKey,
      MAIL_API_BASE: this.url,
      MAIL_FROM: 'Shop <shop@example.com>',
    };
  }

  subjectsTo(address: string): string[] {
    return this.accepted
      .filter(({ to }) => to === address)
      .map(({ subject }) => subject)
      .sort();
  }

  protected routeOf = (path: string): string => path;

  protected answer(asked: Asked): Answered {
    const mail = this.mailIn(asked);
    if ('status' in mail) return mail;
    this.attempts.push(mail.to);
    const refusal = this.refuse(mail.to);
    if (refusal) return { ...refusal, isUnkept: true };
    this.accepted.push(mail);
    return { status: 200, json: this.receipt(mail) };
  }
}

/** Whether a body has exactly these fields, all of them strings. */
function hasOnly(body: Record<string, unknown>, fields: readonly string[]): boolean {
  return Object.keys(body).every((field) => fields.includes(field)) && fields.every((field) => field in body);
}

export class LoopbackResend extends LoopbackMail {
  readonly apiKey = 're_loopback';
  readonly provider = 'resend';

  protected mailIn({ path, headers, body }: Asked): AcceptedMail | Answered {
    if (path !== '/emails') return this.#error(404, 'not_found');
    if (headers.authorization !== `Bearer ${this.apiKey}`) return this.#error(401, 'validation_error');
    const json = JSON.parse(body) as Record<string, unknown> & AcceptedMail & { to: string[] };
    if (!hasOnly(json, ['from', 'to', 'subject', 'text', 'html', 'headers']) || json.to.length !== 1)
      return this.#error(422, 'validation_error');
    const { subject, text } = json;
    return { to: json.to[0] ?? '', subject, text, headers: json.headers };
  }

  protected receipt = (): object => ({ id: crypto.randomUUID() });
  protected keyOf = ({ headers }: Asked): string | null =>
    typeof headers['idempotency-key'] === 'string' ? headers['idempotency-key'] : null;
  protected keyRefusal = (reason: 'in_use' | 'other_parameters'): Answered =>
    this.#error(409, reason === 'in_use' ? 'concurrent_idempotent_requests' : 'invalid_idempotent_request');
  protected errorBody = (status: 429 | 500): object => ({
    statusCode: status,
    name: status === 429 ? 'rate_limit_exceeded' : 'internal_server_error',
    message: 'Try again later.',
  });

  /** A refusal in Resend's format; the message names the recipient, as Resend's may. */
  error(status: number, name: string, headers: Record<string, string> = {}): Answered {
    return this.#error(status, name, headers);
  }
  #error(status: number, name: string, headers: Record<string, string> = {}): Answered {
    return refused(status, { statusCode: status, name, message: 'Not canary@example.com.' }, headers);
  }
}

export class LoopbackPostmark extends LoopbackMail {
  readonly apiKey = '8f1c7a52-0c3e-4d5b-9a60-2f4b1e7d9c38';
  readonly provider = 'postmark';

  protected mailIn({ path, headers, body }: Asked): AcceptedMail | Answered {
    if (path !== '/email') return this.error(404, 701);
    if (headers['x-postmark-server-token'] !== this.apiKey) return this.error(401, 10);
    const json = JSON.parse(body) as Record<string, string> & { Headers: { Name: string; Value: string }[] };
    if (!hasOnly(json, ['From', 'To', 'Subject', 'TextBody', 'HtmlBody', 'MessageStream', 'Headers']))
      return this.error(422, 403);
    const named = Object.fromEntries(json.Headers.map(({ Name, Value }) => [Name, Value]));
    const { 'X-PM-KeepID': keeps, ...rest } = named;
    const own = { 'Message-ID': `<${crypto.randomUUID()}@mtasv.net>` };
    return {
      to: json.To ?? '',
      subject: json.Subject ?? '',
      text: json.TextBody ?? '',
      headers: keeps === 'true' ? rest : { ...rest, ...own },
    };
  }

  protected receipt = ({ to }: AcceptedMail): object => ({
    To: to,
    SubmittedAt: new Date().toISOString(),
    MessageID: crypto.randomUUID(),
    ErrorCode: 0,
    Message: 'OK',
  });
  /** Postmark has no idempotency keys. */
  protected keyOf = (): null => null;
  protected keyRefusal = (): Answered => this.error(500, 0);
  protected errorBody = (status: 429 | 500): object => ({ ErrorCode: status, Message: 'Try again later.' });

  error(status: number, code: number, headers: Record<string, string> = {}): Answered {
    return refused(status, { ErrorCode: code, Message: 'Not canary@example.com.' }, headers);
  }
}
