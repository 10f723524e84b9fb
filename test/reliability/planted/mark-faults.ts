/** Faults by which a shop takes another shop's payment for its own, or its own for another's. */
import type { Fault } from './fault.ts';

const unit = ['test/unit/payments/mark.test.ts'];
const contract = ['test/contract/shared-account.test.ts'];
const recording = 'src/payments/record-payment.ts';

/** `[name, file, search, replace, tests, caughtBy]`. */
const faults: readonly [string, string, string, string, readonly string[], string][] = [
  [
    'every mark is taken for our own',
    'src/payments/mark.ts',
    "return kept === mark ? 'own' : 'foreign';",
    "return kept === '' ? 'foreign' : 'own';",
    unit,
    'stripe foreign is what',
  ],
  [
    'a payment without a mark is recorded',
    recording,
    "if (mark !== 'own') return isLikely",
    "if (mark === 'foreign') return isLikely",
    unit,
    'a payment without a mark, with a code, is foreign',
  ],
  [
    'money of an order that was lost with its mark is ignored in silence',
    recording,
    "? 'other_mark' : 'foreign'",
    "? 'foreign' : 'foreign'",
    unit,
    'of our key, is a lost order',
  ],
  [
    'payOS money of an order that was lost with its mark is ignored in silence',
    recording,
    "isLikely ? ignored('other_mark')",
    "!order ? ignored('other_mark')",
    ['test/contract/shared-account.test.ts'],
    'on node payments of lost orders at payOS',
  ],
  [
    'what a moved drop sells is reported as lost at its old place',
    'src/background/ignored-payment.ts',
    "return drop?.movedAt ? { kind: 'ignored', reason: 'moved' } : ignored;",
    'return drop ? ignored : ignored;',
    ['test/contract/moved-money.test.ts'],
    'from node to',
  ],
  [
    'a payment of another deployment is refunded',
    recording,
    "if (mark !== 'own') return isLikely",
    "if (mark === 'none') return isLikely",
    contract,
    'one Stripe account, on node the sale, dispute and refund of shop',
  ],
  [
    'a payment whose order SECRET_KEY cannot read is refunded',
    recording,
    'if (!isReadable(order, ids))',
    "if (order.id === '')",
    contract,
    'a changed SECRET_KEY, on node refunds no sale',
  ],
  [
    'a known checkout of before the mark is foreign',
    recording,
    'if (known !== null)',
    "if (known !== null && mark === 'own')",
    unit,
    'through a known checkout needs no mark',
  ],
  [
    'a transfer of other software is taken for our own',
    'src/payments/mark.ts',
    ".includes(transferMark(mark, orderCode)) ? 'own'",
    ".includes(transferMark(mark, orderCode).slice(9)) ? 'own'",
    unit,
    'payos none is what the text',
  ],
  [
    'the payment of a session has no mark',
    'src/payments/stripe-checkout.ts',
    'payment_intent_data: { metadata },',
    'payment_intent_data: { metadata: { [orderKey]: orderId } },',
    unit,
    'keeps it with the session and with the payment',
  ],
  [
    'each start makes another mark',
    'src/database/deployment.ts',
    '.onConflictDoNothing().run();',
    '.onConflictDoUpdate({ target: deployment.id, set: { mark } }).run();',
    ['test/unit/database/sqlite/migrate.test.ts'],
    'keeps the mark of its deployment',
  ],
  [
    'a Worker leaves the money of a lost order',
    'src/edge/front/payment-shards.ts',
    "return isReadable(order, this.#ids) ? UNCLAIMED : { kind: 'ignored', reason: 'unreadable' };",
    "return { kind: 'ignored', reason: 'unreadable' };",
    ['test/contract/unclaimed-money.test.ts'],
    'on workerd a dispute whose webhook was lost is found',
  ],
  [
    'the mark of the edge is made with the first sale',
    'src/edge/catalogue.ts',
    '    await this.deploymentMark();\n    const { $primary }',
    '    this.#hasWritten = true;\n    const { $primary }',
    ['test/contract/lost-names.test.ts'],
    'on workerd takes its names with it',
  ],
];

export const markFaults: readonly Fault[] = faults.map(([name, file, search, replace, tests, caughtBy]) => ({
  class: 'stock, limits and money',
  name,
  patches: [{ file, search, replace }],
  tests,
  caughtBy,
}));
