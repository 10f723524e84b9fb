/** Faults of what an operator relies on (the audit, a restore, a rehearsal), each with the tests that must notice it. */
import type { Fault } from './stock-faults.ts';

const auditTests = ['test/fault/audit.test.ts'];

/** As the audit's own table has them: the name of an invariant, and what looks for it. */
const checks = {
  integrity: 'integrity',
  foreign_keys: 'foreignKeys',
  never_oversold: 'neverOversold',
  counters_match_orders: 'countersMatchOrders',
  one_order_per_key: 'oneOrderPerKey',
  customer_limit: 'customerLimit',
  paid_once: 'paidOnce',
  refunds_match: 'refundsMatch',
  hash_chain: 'hashChain',
  events_match_orders: 'eventsMatchOrders',
  counters_match_events: 'countersMatchEvents',
  payments_match_events: 'paymentsMatchEvents',
  refunds_match_events: 'refundsMatchEvents',
  catalogue_matches_events: 'catalogueMatchesEvents',
  operators_match_events: 'operatorsMatchEvents',
};

const blindAudits = Object.entries(checks).map(
  ([invariant, check]): Fault => ({
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
  }),
);

export const operatorFaults: readonly Fault[] = [
  ...blindAudits,
  {
    class: 'restore',
    name: 'a backup that was damaged is restored',
    patches: [
      {
        file: 'src/database/sqlite/restore.ts',
        search: '  if (sha256 !== noted) throw',
        replace: "  if (sha256 === '') throw",
      },
    ],
    tests: ['test/unit/restore-refusals.test.ts'],
  },
  {
    class: 'restore',
    name: 'a backup whose orders do not fit its log is restored',
    patches: [
      {
        file: 'src/database/sqlite/check-copy.ts',
        search: '    if (violations.length > 0) throw',
        replace: '    if (violations.length < 0) throw',
      },
    ],
    tests: ['test/unit/restore-refusals.test.ts'],
  },
  {
    class: 'rehearsal',
    name: 'a rehearsal that lost an order says GO',
    patches: [
      {
        file: 'src/rehearsal/decision.ts',
        search: "  yield* found('orders',",
        replace: "  if (findings.length < 0) yield* found('orders',",
      },
    ],
    tests: ['test/unit/rehearsal/decision.test.ts'],
  },
  {
    class: 'rehearsal',
    name: 'a rehearsal whose server never came back says GO',
    patches: [
      {
        file: 'src/rehearsal/decision.ts',
        search: '  ...restart(shown),\n',
        replace: '',
      },
    ],
    tests: ['test/unit/rehearsal/decision.test.ts'],
  },
];
