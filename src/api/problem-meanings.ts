/** What each problem means, and what a client does about it: the text of the pages that a problem's `type` leads to. */
import type { ProblemCode } from '../http/problem.ts';

export interface Meaning {
  meaning: string;
  /** What a program, or whoever writes it, does next. */
  remedy: string;
}

const retrySame =
  'Wait as long as Retry-After says, then send the same request with the same Idempotency-Key.';

export const meanings: Readonly<Record<ProblemCode, Meaning>> = {
  malformed: {
    meaning: 'The body did not arrive whole, is not UTF-8, or is not JSON.',
    remedy: 'Mend the request: sent again as it is, it is refused again.',
  },
  unauthorized: {
    meaning:
      'Routes under /admin want an operator’s token in the Authorization header, or the session of one who has signed in. There was none, or it is not known, or it was revoked.',
    remedy: 'Send `Authorization: Bearer` with ADMIN_TOKEN, or with a token that was made for you.',
  },
  forbidden: {
    meaning:
      'The token is known but lacks the scope that this route needs; the detail names the scope. Or another site made a browser send a form or load a part of a page; the detail says so.',
    remedy:
      'Use a token with the scope, or ask the operator for one. If the form is your own, set PUBLIC_URL.',
  },
  bad_signature: {
    meaning: 'A webhook’s signature does not belong to its body, or is too old or too new.',
    remedy: 'Check the signing secret at the provider and here, and the clock of this machine.',
  },
  not_found: {
    meaning:
      'There is no such thing, or it is not yours to see: an order is shown only to the holder of its token, and both cases are answered alike.',
    remedy: 'Check the id, and the token where there is one.',
  },
  method_not_allowed: {
    meaning: 'The path exists, but not for this method. The Allow header lists the methods that it has.',
    remedy: 'Use one of them. OPTIONS answers with the same list.',
  },
  sold_out: {
    meaning: 'Fewer units are free than were asked for. Units that are held and not paid in time come back.',
    remedy: 'Ask for fewer, or listen to the drop’s stock and try again when some are free.',
  },
  limit_reached: {
    meaning: 'The customer would have more units of this drop than one customer may have, over all orders.',
    remedy: 'Ask for fewer, or for none: trying again does not help.',
  },
  not_started: {
    meaning: 'The drop opens later.',
    remedy: 'Wait until `startsAt`; the server’s clock counts, which its Date header tells.',
  },
  ended: { meaning: 'The drop is over.', remedy: 'Nothing: it does not open again.' },
  paused: {
    meaning: 'The operator has paused the drop.',
    remedy: 'Try again later; the drop’s `phase` tells when it goes on.',
  },
  open_orders: {
    meaning:
      'The customer is still owed goods or money. Without an address nothing can be sent. `errors[].path` names each order.',
    remedy: 'Fulfil or refund the orders first, or send their ids as `openOrders`.',
  },
  deletion_incomplete: {
    meaning:
      'Some objects at the edge did not answer, or one request cannot reach all of them. `detail` says how many are left. The others have deleted the data.',
    remedy: 'Send the same request again: it goes on with what is left.',
  },
  already_paid: {
    meaning: 'An order that is paid for can’t be cancelled by its buyer.',
    remedy: 'Ask the operator for a refund.',
  },
  wrong_status: {
    meaning: 'The order is in a status from which this is not possible; the detail names it.',
    remedy: 'Read the order again: somebody else may have done it already.',
  },
  not_movable: {
    meaning: 'The drop still sells, is split over shards, or is here already.',
    remedy: 'Close the drop and let its holds run out before it is moved.',
  },
  moved: {
    meaning:
      'The drop was exported to another deployment, with its orders. This deployment refuses every change to it.',
    remedy:
      'Use the shop’s present address. For the operator: if the file was never imported, undo the export with `move undo`.',
  },
  disputed: {
    meaning: 'The payer disputes the payment at their bank, or has won the money back there.',
    remedy:
      'To hand the goods over anyway, repeat the request with `despiteDispute`. To return the money, wait until the dispute is decided.',
  },
  refund_not_failed: {
    meaning:
      'Only a refund that was given up can be tried again or settled by hand; this one is pending, sent or settled.',
    remedy: 'Read the list of refunds again.',
  },
  slug_taken: { meaning: 'Another drop has this slug.', remedy: 'Choose another slug.' },
  backup_running: {
    meaning: 'A backup is being made already, by this server or by the command line. Nothing was begun.',
    remedy: 'Wait for that one: it has all that was acknowledged before it began.',
  },
  too_large: {
    meaning: 'The body has more bytes than a request here may have.',
    remedy:
      'Send less: make a drop of very many long names with some of its items, and add the others by PATCH.',
  },
  unsupported_media_type: {
    meaning: 'The body is not declared as JSON in UTF-8.',
    remedy: 'Send `Content-Type: application/json`.',
  },
  invalid: {
    meaning: 'The request can be read but breaks a rule; `errors` names each field and its rule.',
    remedy: 'Mend the fields that are named.',
  },
  key_reused: {
    meaning: 'The Idempotency-Key was sent before with another body, or to another route.',
    remedy: 'Create a new key (a UUID) for each purchase or write, and use it again only for its retries.',
  },
  stock_below_sold: {
    meaning: 'The new stock would be less than what is held or sold.',
    remedy: 'Take fewer units away, or wait until holds have run out.',
  },
  rate_limited: {
    meaning:
      'Too many requests of one address, too many purchases of one customer, too many unknown drops, or too many wrong tokens. Nothing was done.',
    remedy: 'Wait as long as Retry-After says; the RateLimit headers tell how much is left.',
  },
  too_many_unpaid: {
    meaning:
      'The buyer’s network (an IPv4 address, or the /64 of an IPv6 address) has as many unpaid units of the drop on hold as one network is allowed. The request had no effect.',
    remedy: 'Pay for or cancel one of these orders, or retry with the same key after Retry-After.',
  },
  internal: {
    meaning: 'The server has met something that it was not made for. Its log has the details.',
    remedy: 'A purchase may be sent again with the same Idempotency-Key: it never counts twice.',
  },
  not_configured: {
    meaning: 'A secret that the server needs is not set.',
    remedy: 'The operator’s: the log names each variable, and .env.example says what it is.',
  },
  no_provider: {
    meaning:
      'No configured payment provider can charge this price: it does not take the currency, or the price is out of its bounds. No hold is placed.',
    remedy: 'For the operator: the detail names each provider’s rule. Change the price or PAYMENT_PROVIDERS.',
  },
  backup_failed: {
    meaning:
      'The copy could not be written, or did not pass its audit. Nothing of it is left; the server goes on.',
    remedy: 'The operator’s: the detail and the log say what is missing, such as room on the disk.',
  },
  overloaded: {
    meaning: 'More came at once than can be answered in time. Nothing was done.',
    remedy: retrySame,
  },
  disk_full: {
    meaning:
      'The server’s disk has no room for another order. Nothing was done; what was ordered before is safe.',
    remedy: `${retrySame} The operator’s: make room on the disk; orders are taken again without a restart.`,
  },
  stopping: { meaning: 'The server is about to restart. Nothing was done.', remedy: retrySame },
  outcome_unknown: {
    meaning: 'The request was being done when the server lost sight of it: it may or may not have happened.',
    remedy: `${retrySame} A purchase is answered with its order, and an operator’s write with the state as it is.`,
  },
};
