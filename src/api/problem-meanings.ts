/** Meaning and remedy of each problem, for the pages that a problem's `type` links to. */
import type { ProblemCode } from '../http/problem.ts';

export interface Meaning {
  meaning: string;
  /** What the client, or its developer, does next. */
  remedy: string;
}

const retrySame = 'Wait for Retry-After, then repeat the request with the same Idempotency-Key.';

export const meanings: Readonly<Record<ProblemCode, Meaning>> = {
  malformed: {
    meaning: 'The body was truncated, is not UTF-8, or is not JSON.',
    remedy: 'Fix the request before retrying.',
  },
  unauthorized: {
    meaning:
      'Routes under /admin require an operator token in the Authorization header, or the session of a signed-in operator. The credentials are missing, unknown or revoked.',
    remedy: 'Send `Authorization: Bearer` with ADMIN_TOKEN, or with a token that was created for you.',
  },
  forbidden: {
    meaning:
      'The token lacks the scope that this route requires; the detail names the scope. Or another site made the browser send a form or load part of a page; the detail says so.',
    remedy:
      'Use a token with that scope, or ask the operator for one. If the form is your own, set PUBLIC_URL.',
  },
  bad_signature: {
    meaning: 'A webhook’s signature does not match its body, or its timestamp is too old or too new.',
    remedy: 'Check the signing secret at the provider and on the server, and the server’s clock.',
  },
  not_found: {
    meaning:
      'The resource does not exist, or you may not see it: an order is shown only with its token. Both cases get the same answer.',
    remedy: 'Check the id, and the token if one is required.',
  },
  method_not_allowed: {
    meaning:
      'The path exists, but does not support this method. The Allow header lists the supported methods.',
    remedy: 'Use a supported method. OPTIONS returns the same list.',
  },
  sold_out: {
    meaning:
      'Fewer units are available than requested. Units of holds that are not paid in time become available again.',
    remedy: 'Request fewer, or watch the drop’s stock and retry when units become available.',
  },
  limit_reached: {
    meaning: 'The purchase would exceed the drop’s limit per customer, counted over all orders.',
    remedy: 'Request fewer units. Retrying unchanged does not help.',
  },
  not_started: {
    meaning: 'The drop opens later.',
    remedy: 'Wait until `startsAt` by the server’s clock, which its Date header shows.',
  },
  ended: { meaning: 'The drop has ended.', remedy: 'None; the drop has closed for good.' },
  paused: {
    meaning: 'The operator has paused the drop.',
    remedy: 'Retry later; the drop’s `phase` shows when it resumes.',
  },
  open_orders: {
    meaning:
      'Some of the customer’s orders still await delivery or a refund, which needs an address. `errors[].path` names each order.',
    remedy: 'Fulfil or refund the orders first, or list their ids in `openOrders`.',
  },
  deletion_incomplete: {
    meaning:
      'Some objects at the edge did not answer, or one request cannot reach all of them. `detail` says how many are left. The others have deleted the data.',
    remedy: 'Repeat the request; it continues with the rest.',
  },
  already_paid: {
    meaning: 'A buyer can’t cancel an order that is already paid.',
    remedy: 'Ask the operator for a refund.',
  },
  wrong_status: {
    meaning: 'The order’s status does not allow this; the detail names the status.',
    remedy: 'Read the order again; another operator may have done this already.',
  },
  not_movable: {
    meaning: 'The drop is still on sale, is split into shards, or exists here already.',
    remedy: 'Close the drop and wait until its holds have ended, then move it.',
  },
  moved: {
    meaning:
      'The drop was exported to another deployment, with its orders. This deployment refuses every change to it.',
    remedy:
      'Use the shop’s current address. Operators: if the file was never imported, undo the export with `move undo`.',
  },
  disputed: {
    meaning: 'The payer disputes the payment at their bank, or has won the dispute.',
    remedy:
      'To fulfil the order anyway, repeat the request with `despiteDispute`. To refund it, wait until the dispute is resolved.',
  },
  refund_not_failed: {
    meaning:
      'Only a failed refund can be retried or settled by hand; this refund is pending, sent or settled.',
    remedy: 'Reload the list of refunds.',
  },
  slug_taken: { meaning: 'Another drop has this slug.', remedy: 'Choose another slug.' },
  backup_running: {
    meaning:
      'Another backup is running, started by this server or by the command line. No second backup was started.',
    remedy: 'Wait for it; it includes everything acknowledged before it began.',
  },
  too_large: {
    meaning: 'The body exceeds the size limit.',
    remedy:
      'Send less. Create a drop with very many long names in steps: first with some items, then add the others by PATCH.',
  },
  unsupported_media_type: {
    meaning: 'The body is not declared as JSON in UTF-8.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  invalid: {
    meaning: 'The request is readable but breaks a rule; `errors` names each field and its rule.',
    remedy: 'Fix the fields listed in `errors`.',
  },
  key_reused: {
    meaning: 'The Idempotency-Key was already used with another body or route.',
    remedy: 'Create a new key (a UUID) for each purchase or write, and reuse it only for retries.',
  },
  stock_below_sold: {
    meaning: 'The new stock would be less than the units held or sold.',
    remedy: 'Remove fewer units, or wait until holds have ended.',
  },
  rate_limited: {
    meaning:
      'Too many requests from one address, purchases of one customer, requests for unknown drops, or wrong tokens. Nothing was changed.',
    remedy: 'Wait for Retry-After. The RateLimit headers show the remaining quota.',
  },
  too_many_unpaid: {
    meaning:
      'The buyer’s network (an IPv4 address, or the /64 of an IPv6 address) has as many unpaid units of the drop on hold as one network is allowed. The request had no effect.',
    remedy: 'Pay for or cancel one of these orders, or retry with the same key after Retry-After.',
  },
  internal: {
    meaning: 'The server hit an unexpected error. Its log has the details.',
    remedy: 'Retry a purchase with the same Idempotency-Key; a retry never creates a second order.',
  },
  not_configured: {
    meaning: 'A required secret is not set.',
    remedy: 'Operators: the log names each missing variable, and .env.example describes it.',
  },
  no_provider: {
    meaning:
      'No configured payment provider can charge this price: it does not accept the currency, or the price is out of its bounds. No hold is placed.',
    remedy: 'Operators: the detail names each provider’s rule. Change the price or PAYMENT_PROVIDERS.',
  },
  backup_failed: {
    meaning:
      'The backup could not be written, or failed its audit. It was deleted; the server keeps running.',
    remedy: 'Operators: the detail and the log state the cause, such as a full disk.',
  },
  overloaded: {
    meaning: 'The server received more requests than it can answer in time. Nothing was changed.',
    remedy: retrySame,
  },
  disk_full: {
    meaning: 'The server’s disk is full. Nothing was changed; earlier orders are safe.',
    remedy: `${retrySame} Operators: free disk space; the server takes orders again without a restart.`,
  },
  stopping: { meaning: 'The server is shutting down or restarting. Nothing was changed.', remedy: retrySame },
  outcome_unknown: {
    meaning: 'The server lost track of the request while processing it; it may or may not have taken effect.',
    remedy: `${retrySame} A purchase returns its order; an operator’s write returns the current state.`,
  },
};
