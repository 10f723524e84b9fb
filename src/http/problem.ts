/** Refusals as RFC 9457 problem+json: table of codes, builder, and mapping from outcomes. */
import type {
  DropMoved,
  FieldError,
  HoldRefusal,
  OrderRefusal,
  OutcomeByCommand,
} from '../domain/outcome.ts';
import type { CommandFailed, QueueRefusal } from '../split/refusal.ts';
import { responseOf } from './plain-answer.ts';

const problems = {
  malformed: [400, 'The request is malformed.'],
  unauthorized: [401, 'A valid operator token is required.'],
  forbidden: [403, 'The token lacks the required scope, or the request comes from another site.'],
  bad_signature: [401, 'The signature does not match this message.'],
  not_found: [404, 'Not found.'],
  method_not_allowed: [405, 'The path does not support this method.'],
  sold_out: [409, 'Sold out.'],
  limit_reached: [409, 'The limit per customer is reached.'],
  not_started: [409, 'The drop has not started yet.'],
  ended: [409, 'The drop has ended.'],
  paused: [409, 'The drop is paused.'],
  open_orders: [409, 'Orders of this customer are still open.'],
  already_paid: [409, 'The order is already paid.'],
  wrong_status: [409, 'The order’s status does not allow this.'],
  not_movable: [409, 'The drop cannot be moved now.'],
  disputed: [409, 'The payment is disputed.'],
  refund_not_failed: [409, 'The refund has not failed.'],
  slug_taken: [409, 'Another drop has this slug.'],
  backup_running: [409, 'Another backup is running.'],
  moved: [410, 'The drop has moved.'],
  too_large: [413, 'The request body is too large.'],
  unsupported_media_type: [415, 'The request body must be JSON.'],
  invalid: [422, 'The request is not valid.'],
  key_reused: [422, 'The Idempotency-Key belongs to another request.'],
  stock_below_sold: [422, 'Stock would fall below the units held or sold.'],
  rate_limited: [429, 'Too many requests.'],
  too_many_unpaid: [429, 'Too many unpaid units from this network.'],
  internal: [500, 'Something went wrong on our side.'],
  not_configured: [503, 'The server is not configured.'],
  no_provider: [503, 'No payment provider is available.'],
  backup_failed: [503, 'The backup failed.'],
  deletion_incomplete: [503, 'The deletion is not complete.'],
  overloaded: [503, 'Too many orders at once.'],
  disk_full: [503, 'The server cannot accept orders right now.'],
  stopping: [503, 'The server is shutting down.'],
  outcome_unknown: [503, 'The outcome is unknown.'],
} as const satisfies Record<string, readonly [status: number, title: string]>;

export type ProblemCode = keyof typeof problems;

export interface ProblemOptions {
  detail?: string;
  errors?: readonly FieldError[];
  headers?: Readonly<Record<string, string>>;
}

// Stored on the response: its body can be read only once, and a separate map would cost more than
// the problem.
const codeKey = Symbol('problem code');
type MarkedResponse = Response & { [codeKey]?: ProblemCode };

/** Builds the response. `detail` and `errors` must not contain anything that the client sent. */
export function problem(code: ProblemCode, options: ProblemOptions = {}): Response {
  const plain = problemOf(code);
  const { detail = plain.detail, errors, headers } = options;
  const response = responseOf({
    body: JSON.stringify({ ...plain, detail, errors }),
    status: plain.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      // Browsers get a page instead (problems-as-pages.ts).
      vary: 'accept',
      ...headers,
    },
  });
  return markedWith(response, code);
}

/** Marks a response with its problem code, for `codeOf`. */
export function markedWith(response: MarkedResponse, code: ProblemCode): Response {
  response[codeKey] = code;
  return response;
}

/** The code of a problem built here, for metrics and pages; undefined for other responses. */
export const codeOf = (response: MarkedResponse): ProblemCode | undefined => response[codeKey];

/** A problem's body, without the details of one response. */
export function problemOf(code: ProblemCode) {
  const [status, title] = problems[code];
  return { type: `/problems/${code}`, title, status, detail: title, code };
}

export const problemCodes = Object.keys(problems) as ProblemCode[];

/** A 422 that names one field and the rule it broke. */
export const invalid = (path: string, message: string): Response =>
  problem('invalid', { detail: message, errors: [{ path, message }] });

type DropRefusal = Exclude<OutcomeByCommand['createDrop'], { kind: 'drop_saved' }>;
type CancelRefusal = Exclude<OutcomeByCommand['cancelOrder'], { kind: 'cancelled' }>;
type RefundRefusal = Exclude<OutcomeByCommand['retryRefund' | 'settleRefund'], { kind: 'done' }>;
type FulfilRefusal = Exclude<OutcomeByCommand['fulfilOrder' | 'refundOrder'], { kind: 'done' }>;
type SkuRefusal = Extract<HoldRefusal, { itemId: number }>;
/** A refusal of a hold, with the sku of the item that is the reason instead of its key. */
type NamedHoldRefusal =
  | Exclude<HoldRefusal, SkuRefusal>
  | { kind: 'sold_out'; sku: string }
  | { kind: 'limit_reached'; perCustomer: number; sku: string };
export type Refusal =
  | NamedHoldRefusal
  | DropRefusal
  | CancelRefusal
  | OrderRefusal
  | FulfilRefusal
  | RefundRefusal
  | CommandFailed
  | DropMoved
  | QueueRefusal;

const tryAgainLater = { 'retry-after': '1' };

const answers = {
  drop_not_found: () =>
    problem('not_found', {
      detail: 'No such drop.',
      errors: [{ path: 'dropId', message: 'No such drop.' }],
    }),
  order_not_found: () => problem('not_found'),
  not_started: () => problem('not_started'),
  ended: () => problem('ended'),
  paused: () => problem('paused', { detail: 'The operator has paused the drop. Try again later.' }),
  sold_out: ({ sku }) =>
    problem('sold_out', {
      detail: 'Not enough units are left. A hold that expires may free some.',
      errors: [{ path: `items.${sku}`, message: 'Not enough units are left.' }],
    }),
  limit_reached: ({ perCustomer, sku }) => {
    const detail = `The limit for this drop is ${perCustomer} per customer.`;
    return problem('limit_reached', { detail, errors: [{ path: `items.${sku}`, message: detail }] });
  },
  too_many_unpaid: ({ units, until, retryAfterSeconds }) =>
    problem('too_many_unpaid', {
      detail: `This network has ${units} unpaid units of this drop on hold. Pay or cancel one, or wait until ${new Date(until).toISOString()}.`,
      headers: { 'retry-after': String(retryAfterSeconds) },
    }),
  key_reused: () =>
    problem('key_reused', {
      errors: [{ path: 'Idempotency-Key', message: 'Already used for another request. Use a new key.' }],
    }),
  already_paid: () => problem('already_paid', { detail: 'A paid order can no longer be cancelled.' }),
  wrong_status: ({ status }) => problem('wrong_status', { detail: `The order is ${status}.` }),
  disputed: ({ dispute }) =>
    problem('disputed', {
      detail:
        dispute === 'open'
          ? 'The payer disputes the payment. To fulfil the order anyway, set despiteDispute.'
          : 'The payment was lost in a dispute. To fulfil the order anyway, set despiteDispute.',
    }),
  refund_disputed: ({ dispute }) =>
    problem('disputed', {
      detail:
        dispute === 'open'
          ? 'The payer disputes the payment. Its money moves through the dispute; a refund would return it twice.'
          : 'The payment was lost in a dispute. Nothing is left to refund.',
    }),
  refund_not_found: () => problem('not_found'),
  refund_not_settleable: () =>
    problem('refund_not_failed', { detail: 'Only a failed refund can be settled by hand.' }),
  refund_not_failed: () => problem('refund_not_failed', { detail: 'Only a failed refund can be retried.' }),
  slug_taken: () =>
    problem('slug_taken', { errors: [{ path: 'slug', message: 'Another drop has this slug.' }] }),
  invalid_edit: ({ errors }) => problem('invalid', { errors }),
  stock_below_sold: ({ errors }) => problem('stock_below_sold', { errors }),
  // Never sent to a provider: its webhook gets 200, or it would disable the endpoint.
  drop_moved: () =>
    problem('moved', { detail: 'The drop has moved to another deployment, which now serves it.' }),
  command_failed: () => problem('internal', { detail: 'The request had no effect.' }),
  overloaded: ({ retryAfterSeconds }) =>
    problem('overloaded', {
      detail: 'Nothing was changed. Retry with the same Idempotency-Key.',
      headers: { 'retry-after': String(retryAfterSeconds) },
    }),
  disk_full: () =>
    problem('disk_full', {
      detail: 'Nothing was changed. Retry with the same Idempotency-Key.',
      headers: { 'retry-after': '5' },
    }),
  stopping: () =>
    problem('stopping', {
      detail: 'Nothing was changed. Retry with the same Idempotency-Key.',
      headers: tryAgainLater,
    }),
  outcome_unknown: () =>
    problem('outcome_unknown', {
      detail:
        'The request may or may not have taken effect. Retry with the same Idempotency-Key; it takes effect only once.',
      headers: tryAgainLater,
    }),
} satisfies { [Kind in Refusal['kind']]: (refusal: Extract<Refusal, { kind: Kind }>) => Response };

/** Answers a refusal of the writer or of its queue. */
export function refuse<R extends Refusal>(refusal: R): Response {
  // TypeScript can't see that the entry of a kind takes that kind; `satisfies` above has checked
  // it.
  const answer = answers[refusal.kind] as (refusal: R) => Response;
  return answer(refusal);
}
