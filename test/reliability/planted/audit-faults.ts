/** Faults of the audit: each of its checks, and the parts of some, left out. */
import type { Fault } from './fault.ts';

const auditTests = ['test/reliability/audit.test.ts'];

/** By the names of invariants: the audit's function, and the broken file that only this invariant describes in full. */
const checks = {
  integrity: ['integrity', 'a page that is ruined'],
  foreign_keys: ['foreignKeys', 'a row that nothing refers to'],
  schema_matches: ['schemaMatches', 'a trigger that is gone'],
  never_oversold: ['neverOversold', 'more units taken than there are'],
  counters_match_orders: ['countersMatchOrders', 'a drifted counter'],
  one_order_per_key: ['oneOrderPerKey', 'two orders of one key'],
  customer_limit: ['customerLimit', 'a customer beyond the limit'],
  paid_once: ['paidOnce', 'an order without its payment'],
  refunds_match: ['refundsMatch', 'a refund of less than was paid'],
  hash_chain: ['hashChain', 'a link that is gone'],
  events_match_orders: ['eventsMatchOrders', 'a missing order'],
  counters_match_events: ['countersMatchEvents', 'a release without an event'],
  payments_match_events: ['paymentsMatchEvents', 'a payment that was never made'],
  refunds_match_events: ['refundsMatchEvents', 'a refund that is said to be sent'],
  refunds_stay_with_payment: ['refundsStayWithPayment', 'a refund that moved to another'],
  refunds_in_time: ['refundsInTime', 'a refund that is never tried'],
  checkouts_match_events: ['checkoutsMatchEvents', 'a checkout that is gone'],
  positions_in_log: ['positionsInLog', 'a subscriber beyond the end'],
  catalogue_matches_events: ['catalogueMatchesEvents', 'a limit that was never lifted'],
  operators_match_events: ['operatorsMatchEvents', 'an operator who made'],
} as const;

const blindAudits = Object.entries(checks).map(
  ([invariant, [check, brokenFile]]): Fault => ({
    class: 'rules of the audit',
    name: `the audit does not look for ${invariant}`,
    patches: [
      {
        file: 'src/database/audit/audit.ts',
        // The import above the table has each name once more.
        search: invariant === check ? `const checksApart = {\n  ${check},` : `  ${invariant}: ${check},`,
        replace:
          invariant === check ? `const checksApart = {\n  ${check}: () => [],` : `  ${invariant}: () => [],`,
      },
    ],
    tests: auditTests,
    caughtBy: `finds '?${brokenFile}`,
  }),
);

/** Parts of a check, each with the broken file that only this part describes. */
const blindParts = (
  [
    [
      'log.ts',
      'an event before the first',
      'if (before) yield',
      'if (before === -1) yield',
      'an operator and an order whose',
    ],
    [
      'rows.ts',
      'a parked letter',
      'where events.seq is null or events.order_id',
      'where 0 and events.order_id',
      'a parked letter about no order',
    ],
    [
      'schema.ts',
      'an object that was changed',
      '!== digestOf(object)',
      "=== ''",
      'a trigger that does nothing',
    ],
    [
      'schema.ts',
      'an object that was added',
      'if (digest === undefined)',
      'if (digest === "none")',
      'a trigger that changes',
    ],
    ['catalogue-log.ts', 'the pause of a drop', ".set('paused', false)", '', 'a drop that was hidden'],
    [
      'catalogue-log.ts',
      'the currency of an older drop',
      "if (logged.has('currency'))",
      "if (told.has('slug'))",
      'of an older version only',
    ],
    [
      'checkout-log.ts',
      'where a checkout leads',
      'checkoutDigest(row) !== row.digest',
      "row.digest === ''",
      'a checkout that leads elsewhere',
    ],
    [
      'checkout-log.ts',
      'whose a checkout is',
      'row.orderId !== row.loggedOrderId',
      "row.digest === ''",
      'a checkout of another order',
    ],
    [
      'checkout-log.ts',
      'a checkout without an event',
      'row.mayBeUnlogged !== 1',
      "row.url === ''",
      'a checkout that was never opened',
    ],
    [
      'checkout-log.ts',
      'the end of a checkout',
      'row.closedAt !== row.loggedClosedAt',
      "row.url === ''",
      'an open checkout that is said',
    ],
  ] as const
).map(
  ([file, what, search, replace, brokenFile]): Fault => ({
    class: 'rules of the audit',
    name: `the audit does not look at ${what}`,
    patches: [{ file: `src/database/audit/${file}`, search, replace }],
    tests: auditTests,
    caughtBy: `(?:finds|asks) '?${brokenFile}`,
  }),
);

export const auditFaults: readonly Fault[] = [
  ...blindAudits,
  ...blindParts,
  {
    class: 'rules of the audit',
    name: 'the log does not tell with which currency and flags a drop begins',
    patches: [
      {
        file: 'src/commands/drop.ts',
        search: 'detail: { ...command.drop },',
        replace: 'detail: { slug: fields.slug, perCustomer: fields.perCustomer, items: newItems },',
      },
    ],
    tests: auditTests,
    caughtBy: "finds 'a drop that was hidden",
  },
];
