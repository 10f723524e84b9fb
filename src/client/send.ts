/** Sends a request, and retries it until it has a final answer or the time is up. */
import type { Problem } from './shapes.ts';

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 8_000;

/** A request that the server refused or did not answer. */
export class StampedeError extends Error {
  /** The server's stable code, or `no_answer` without an answer, or `http_502` from a proxy. */
  readonly code: string;
  /** What went wrong, as a sentence; `message` also contains the code. */
  readonly detail: string;
  /** HTTP status; 0 without an answer. */
  readonly status: number;
  /** Fields that broke a rule, and the rules. */
  readonly errors: readonly { path: string; message: string }[];
  /** Seconds after which the server asks for a retry; null if it did not say. */
  readonly retryAfterSeconds: number | null;
  /** Key of a purchase: pass it to `purchase` for a retry, and the order is placed at most once. */
  readonly idempotencyKey: string | undefined;

  constructor(problem: Partial<Problem>, response: Response | null, idempotencyKey?: string) {
    const status = response?.status ?? 0;
    const detail =
      problem.detail ?? (response ? `The server answered with ${status}.` : 'The server did not answer.');
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

/**
 * Whether a retry may succeed soon: no answer, a failure of a server or proxy, or a Retry-After.
 */
const mayPass = ({ status, code, retryAfterSeconds }: StampedeError): boolean =>
  status === 0 ||
  // The buyer must pay or cancel something first.
  (retryAfterSeconds !== null && code !== 'too_many_unpaid') ||
  /^(?:http_5|internal$)/.test(code);

/** Milliseconds, with jitter, so that clients refused together do not return together. */
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
  /** Passed to the error, for a retry by the caller. */
  idempotencyKey?: string;
}

export interface Patience {
  fetch: typeof fetch;
  /** No attempt starts later than this many milliseconds after the first. */
  patienceMs: number;
  /** Timeout of one attempt in milliseconds. */
  timeoutMs: number;
}

/** One attempt: the answer's body, or an error. Rejects only if the caller has aborted. */
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
    // A truncated answer counts as none; a refusal without JSON comes from a proxy.
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
