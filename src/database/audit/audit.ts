/** Audits a database: recomputes every invariant from its rows and log, and lists violations. */
import type { RowSource } from '../row-source.ts';
import { catalogueMatchesEvents, operatorsMatchEvents } from './catalogue-log.ts';
import { checkoutsMatchEvents } from './checkout-log.ts';
import { countersMatchEvents, eventsMatchOrders, hashChain } from './log.ts';
import {
  disputesMatchEvents,
  paymentsMatchEvents,
  refundsMatchEvents,
  refundsStayWithPayment,
} from './money-log.ts';
import {
  countersMatchOrders,
  customerLimit,
  disputesMatchOrders,
  foreignKeys,
  integrity,
  itemsMatchOrders,
  neverOversold,
  oneOrderPerKey,
  paidOnce,
  positionsInLog,
  refundsInTime,
  refundsMatch,
} from './rows.ts';
import { schemaMatches } from './schema.ts';

/** Yields one sentence for each violation of an invariant; writes nothing. */
type Check = (source: RowSource) => Iterable<string>;

/**
 * Checks that need no common snapshot. Run apart, each holds its own only briefly, so the WAL can
 * restart.
 */
const checksApart = {
  integrity,
  foreign_keys: foreignKeys,
  schema_matches: schemaMatches,
} satisfies Record<string, Check>;

/** Checks that compare rows with counters and with the log. */
const checksTogether = {
  never_oversold: neverOversold,
  items_match_orders: itemsMatchOrders,
  counters_match_orders: countersMatchOrders,
  one_order_per_key: oneOrderPerKey,
  customer_limit: customerLimit,
  paid_once: paidOnce,
  refunds_match: refundsMatch,
  hash_chain: hashChain,
  events_match_orders: eventsMatchOrders,
  counters_match_events: countersMatchEvents,
  payments_match_events: paymentsMatchEvents,
  refunds_match_events: refundsMatchEvents,
  refunds_stay_with_payment: refundsStayWithPayment,
  refunds_in_time: refundsInTime,
  checkouts_match_events: checkoutsMatchEvents,
  disputes_match_orders: disputesMatchOrders,
  disputes_match_events: disputesMatchEvents,
  catalogue_matches_events: catalogueMatchesEvents,
  operators_match_events: operatorsMatchEvents,
  positions_in_log: positionsInLog,
} satisfies Record<string, Check>;

const checks = { ...checksApart, ...checksTogether };

/** The number of checks in an audit, for a progress display. */
export const CHECKS = Object.keys(checks).length;
/** Called after each check. */
export type OnCheck = () => void;
const ignoreCheck: OnCheck = () => undefined;

type Invariant = keyof typeof checks;
export type Violation = `${Invariant}: ${string}`;

/**
 * Violations listed per invariant. Further ones are "and more", because a damaged file has many.
 */
const VIOLATIONS_MAX = 20;

function* violationsOf(invariant: Invariant, source: RowSource, onCheck: OnCheck): Generator<Violation> {
  let found = 0;
  try {
    for (const violation of checks[invariant](source)) {
      if (found === VIOLATIONS_MAX) {
        yield `${invariant}: and more`;
        return;
      }
      found += 1;
      yield `${invariant}: ${violation}`;
    }
  } catch (error) {
    if (!source.isUnreadable(error)) throw error;
    // What cannot be read cannot be verified.
    yield `${invariant}: could not be checked: ${error.message}`;
  } finally {
    onCheck();
  }
}

const namesOf = (some: Partial<typeof checks>) => Object.keys(some) as Invariant[];

/** The findings of these checks, one check at a time. Call this outside of a transaction. */
export function* violationsApart(source: RowSource, onCheck = ignoreCheck): Generator<Violation[]> {
  for (const invariant of namesOf(checksApart)) yield [...violationsOf(invariant, source, onCheck)];
}

/** The findings of all other checks, within the caller's transaction. */
export const violationsTogether = (source: RowSource, onCheck = ignoreCheck): Violation[] =>
  namesOf(checksTogether).flatMap((invariant) => [...violationsOf(invariant, source, onCheck)]);

/**
 * Every broken invariant, in a fixed order; an empty list for a sound database. Rows
 * that are compared come from one snapshot, so this may run while a server writes. The WAL cannot
 * restart while that snapshot is held.
 */
export function auditRows(source: RowSource, onCheck = ignoreCheck): Violation[] {
  const apart = [...violationsApart(source, onCheck)].flat();
  return [...apart, ...source.together(() => violationsTogether(source, onCheck))];
}
