/** Sends a request until it has a final answer, for as long as the caller has patience. */
import type { Problem } from './shapes.ts';

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 8_000;

/** A request that was refused, or that no answer came to. */
export class StampedeError extends Error {
  /** The server's stable code, such as `sold_out`; `no_answer` if none came in time; `http_502` where a proxy answered. */
  readonly code: string;
  /** What went wrong, as a sentence; `message` has the code after it. */
  readonly detail: string;
  /** Of HTTP; 0 if no answer came. */
  readonly status: number;
  /** The fields that broke a rule, and the rules. */
  readonly errors: readonly { path: string; message: string }[];
  /** After how many seconds the server wants the request again; null: it did not say. */
  readonly retryAfterSeconds: number | null;
  /** Of a purchase: pass it to `purchase` again, and the order is placed at most once. */
  readonly idempotencyKey: string | undefined;

  constructor(problem: Partial<Problem>, response: Response | null, idempotencyKey?: string) {
    const status = response?.status ?? 0;
    const detail = problem.detail ?? (response ? `The server answered with ${status}.` : 'No answer came.');
    const code = problem.code ?? (response ? `http_${status}` : 'no_answer');
    super(`${detail} (${code})`);
    this.name = 'StampedeError';
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterOf(response);
    this.idempotencyKey = idempotencyKey;
  }
}

function retryAfterOf(response: Response | null): number | null {
  const header = response?.headers.get('retry-after');
  return header && /^\d+$/.test(header) ? Number(header) : null;
}

/** Whether the same request may succeed soon: no answer came, a server or a proxy failed, or Retry-After says so. */
const mayPass = ({ status, code, retryAfterSeconds }: StampedeError): boolean =>
  status === 0 ||
  // The buyer has to pay or cancel something first.
  (retryAfterSeconds !== null && code !== 'too_many_unpaid') ||
  /^(?:http_5|internal$)/.test(code);

/** Milliseconds; spread, so that a crowd that was refused together does not return together. */
function waitMsOf({ retryAfterSeconds }: StampedeError, attempt: number): number {
  const ms =
    retryAfterSeconds === null
      ? Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** attempt)
      : retryAfterSeconds * 1000;
  return ms * (1 + Math.random() / 2);
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export interface Sent {
  method?: 'POST';
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Given to the error, for a retry by the caller. */
  idempotencyKey?: string;
}

export interface Patience {
  fetch: typeof fetch;
  /** No attempt begins later than this many milliseconds after the first. */
  patienceMs: number;
  /** Milliseconds for one attempt. */
  timeoutMs: number;
}

/** One attempt: the answer's body, or the error that it is. Rejects only if the caller has aborted. */
async function attemptOnce(url: string, sent: Sent, patience: Patience): Promise<object | StampedeError> {
  const { signal, idempotencyKey, ...init } = sent;
  const timeout = AbortSignal.timeout(patience.timeoutMs);
  let response: Response | null = null;
  try {
    response = await patience.fetch(url, {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const body = (await response.json()) as object;
    return response.ok ? body : new StampedeError(body, response, idempotencyKey);
  } catch {
    signal?.throwIfAborted();
    // An answer that was cut off is no answer; a refusal without JSON is a proxy's.
    return new StampedeError({}, response?.ok ? null : response, idempotencyKey);
  }
}

/** Resolves with the JSON of a 2xx. Rejects with `StampedeError`, or with the signal's reason. */
export async function send(url: string, sent: Sent, patience: Patience): Promise<object> {
  const lastMs = Date.now() + patience.patienceMs;
  for (let attempt = 0; ; attempt += 1) {
    sent.signal?.throwIfAborted();
    const answer = await attemptOnce(url, sent, patience);
    if (!(answer instanceof StampedeError)) return answer;
    const waitMs = waitMsOf(answer, attempt);
    if (!mayPass(answer) || Date.now() + waitMs >= lastMs) throw answer;
    await wait(waitMs, sent.signal);
  }
}
