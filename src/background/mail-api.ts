/** Sends letters by a provider's HTTP API. */
import { MAIL_TIMEOUT_MS } from '../limits.ts';
import type { Mail } from './letters.ts';
import type { SendMail, SendResult } from './mail.ts';

export interface MailApi {
  /** The provider's own address. */
  base: string;
  path: string;
  headersFor(mail: Mail, key: string): Record<string, string>;
  bodyFor(mail: Mail, from: string): Record<string, unknown>;
  /** What an answer means, by its status and the provider's own word for the error; null where it has none. */
  meaningOf(status: number, error: string | null): SendResult['kind'];
  /** The provider's word for what went wrong; never its message, which may hold the address. */
  errorOf(answer: Record<string, unknown>): unknown;
}

export interface MailApiAccount {
  base: string | null;
  key: string;
  from: string;
}

/** A provider asks for a pause in whole seconds; a date, or nonsense, counts as nothing. */
const pauseOf = (headers: Headers): number =>
  Number(/^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0] ?? 0);

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const answer: unknown = await response.json().catch(() => null);
  return typeof answer === 'object' && answer !== null ? { ...answer } : {};
}

/** An error that is a word or a number, as the log shows it. */
const shown = (error: unknown): string | null =>
  (typeof error === 'string' && /^\w{1,60}$/.test(error)) || typeof error === 'number' ? String(error) : null;

export function apiMail(api: MailApi, { base, key, from }: MailApiAccount): SendMail {
  return async (mail) => {
    let response: Response;
    try {
      response = await fetch(`${base ?? api.base}${api.path}`, {
        method: 'POST',
        body: JSON.stringify(api.bodyFor(mail, from)),
        // A redirect would take the letter and the key to anybody.
        redirect: 'manual',
        signal: AbortSignal.timeout(MAIL_TIMEOUT_MS),
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...api.headersFor(mail, key),
        },
      });
    } catch (error) {
      return { kind: 'away', code: error instanceof Error ? error.name : 'unknown' };
    }
    const error = shown(api.errorOf(await answerOf(response)));
    const kind = api.meaningOf(response.status, error);
    if (kind === 'sent') return { kind };
    const code = error === null ? String(response.status) : `${response.status} ${error}`;
    const retryAfterSeconds = pauseOf(response.headers);
    return { kind, code, ...(retryAfterSeconds > 0 && { retryAfterSeconds }) };
  };
}
