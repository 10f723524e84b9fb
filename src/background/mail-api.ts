/** Sends e-mails through a provider's HTTP API. */
import { MAIL_TIMEOUT_MS } from '../limits.ts';
import type { Mail } from './event-mails.ts';
import type { SendMail, SendResult } from './mail.ts';

export interface MailApi {
  /** The provider's default URL. */
  base: string;
  path: string;
  headersFor(mail: Mail, key: string): Record<string, string>;
  bodyFor(mail: Mail, from: string): Record<string, unknown>;
  /** Meaning of an answer, by its status and the provider's error code; null without one. */
  meaningOf(status: number, error: string | null): SendResult['kind'];
  /** The provider's error code; never its message, which may contain the address. */
  errorOf(answer: Record<string, unknown>): unknown;
}

export interface MailApiAccount {
  base: string | null;
  key: string;
  from: string;
}

/** A provider's Retry-After in whole seconds; 0 for a date or anything else. */
const pauseOf = (headers: Headers): number =>
  Number(/^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0] ?? 0);

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json().catch(() => null);
  return typeof answer === 'object' && answer !== null ? { ...answer } : {};
}

/** An error code that is safe to log: a word or a number. */
const shown = (error: unknown): string | null =>
  (typeof error === 'string' && /^\w{1,60}$/.test(error)) || typeof error === 'number' ? String(error) : null;

export function apiMail(api: MailApi, { base, key, from }: MailApiAccount): SendMail {
  return async (mail) => {
    let response: Response;
    try {
      response = await fetch(`${base ?? api.base}${api.path}`, {
        method: 'POST',
        body: JSON.stringify(api.bodyFor(mail, from)),
        // A redirect would leak the e-mail and the key to another server.
        redirect: 'manual',
        signal: AbortSignal.timeout(MAIL_TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...api.headersFor(mail, key),
        },
      });
    } catch (error) {
      return { kind: 'unavailable', code: error instanceof Error ? error.name : 'unknown' };
    }
    const error = shown(api.errorOf(await answerOf(response)));
    const kind = api.meaningOf(response.status, error);
    if (kind === 'sent') return { kind };
    const code = error === null ? String(response.status) : `${response.status} ${error}`;
    const retryAfterSeconds = pauseOf(response.headers);
    return { kind, code, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
  };
}
