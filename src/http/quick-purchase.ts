/** POST /purchase without Hono, whose dispatch and middleware cost a tenth of such a request. */
import { BODY_BYTES_MAX } from '../limits.ts';
import { prefersPage } from './accepted.ts';
import type { Deps } from './deps.ts';
import { createFailureLog } from './failure-log.ts';
import { checkBytes } from './json.ts';
import { countRequest, outcomeOf } from './metrics.ts';
import type { Purchase } from './place-purchase.ts';
import { plainOf, responseOf } from './plain-answer.ts';
import { isPlainPurchase } from './plain-purchase.ts';
import { codeOf, markedWith, problem } from './problem.ts';
import { purchaseBody } from './purchase-body.ts';
import type { AnswerQuickly, QuickRequest } from './quick-request.ts';

/** Whether the body is JSON of an allowed length and in no coding, and its answer JSON too. */
function isUsual({ method, path, req }: QuickRequest): boolean {
  if (method !== 'POST' || path !== '/purchase') return false;
  return (
    req.header('content-type') === 'application/json' &&
    Number(req.header('content-length') ?? Number.NaN) <= BODY_BYTES_MAX &&
    req.header('content-encoding') === undefined &&
    !prefersPage(req.header('accept'))
  );
}

/** Adds the headers that the response does not have. */
function withHeaders(response: Response, more: Readonly<Record<string, string>>): Response {
  const plain = plainOf(response);
  if (!plain) throw new Error('A purchase was not answered with a plain response.');
  const whole = responseOf({ ...plain, headers: { ...more, ...plain.headers } });
  const code = codeOf(response);
  return code === undefined ? whole : markedWith(whole, code);
}

/**
 * Answers the usual purchase as the application does. `purchase` is the application's own: a retry
 * that comes another way must find its first attempt.
 */
export function createQuickPurchase({ db, clock, rateLimits, log }: Deps, purchase: Purchase): AnswerQuickly {
  const logFailure = createFailureLog(log, clock);
  const answer = async (request: QuickRequest): Promise<Response> => {
    const limited = rateLimits?.limitAddress(request) ?? null;
    if (limited instanceof Response) return limited;
    const answered = await purchase(request, async () =>
      checkBytes(await request.bytes(), purchaseBody, isPlainPurchase),
    );
    return limited === null ? answered : withHeaders(answered, limited);
  };
  const counted = async (request: QuickRequest): Promise<Response> => {
    const begunMs = clock.monotonicMs();
    let response: Response;
    try {
      response = await answer(request);
    } catch (error) {
      logFailure(error as Error);
      response = problem('internal');
    }
    const outcome = outcomeOf(response);
    countRequest({ db, clock }, { method: 'POST', route: '/purchase', outcome, begunMs });
    return response;
  };
  return (request) => (isUsual(request) && !db.isFull() ? counted(request) : null);
}
