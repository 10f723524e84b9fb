/** Faults of stock, limits and durability that this house must never have, each with the tests that must notice it. */
import type { Patch } from '../../support/patched-copy.ts';
import type { Fault } from './fault.ts';

const hold = 'src/commands/hold.ts';
const statements = 'src/commands/statements.ts';
const payment = 'src/commands/payment.ts';
const commitBatch = 'src/split/group-commit.ts';
const connection = 'src/split/connection.ts';
const spine = 'drizzle/migrations/0000_spine.sql';

const model = ['test/property/shop.test.ts'];
const batches = ['test/property/batch.test.ts'];

const unguarded: Patch = {
  file: statements,
  search: ' <= $',
  replace: ' > 0 * $',
};
const forgetEvent: Patch = {
  file: payment,
  search: "if (statements.paymentByEvent.get({ provider, eventId })) return { kind: 'payment_known' };",
  replace: '',
};
const forgetReference: Patch = {
  file: payment,
  search: "if (status === 'paid' && statements.paidByReference.get({ provider, reference }))",
  replace: 'if (statements === undefined)',
};

export const stockFaults: readonly Fault[] = [
  {
    class: 'model and schedules',
    name: 'stock is taken without a look at what is free',
    patches: [unguarded],
    tests: model,
    caughtBy: 'every promise holds',
    // The table's CHECK stands behind the guard, and fails the command.
    message: 'A command failed: CHECK constraint failed: items_never_oversold',
  },
  {
    class: 'model and schedules',
    name: 'the same, and no CHECK stands behind it',
    patches: [
      unguarded,
      {
        file: spine,
        search: ',\n\tCONSTRAINT "items_never_oversold" CHECK("held" + "sold" <= "stock")',
        replace: '',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
  },
  {
    class: 'model and schedules',
    name: 'the key is saved after the commit',
    patches: [
      {
        file: hold,
        search: '    idempotencyKey,\n    fingerprint,\n    keyFloor',
        replace: '    idempotencyKey: null,\n    fingerprint,\n    keyFloor',
      },
      {
        file: commitBatch,
        search: 'return rollingBack(() => commitTogether(batch, now));',
        replace: `const done = rollingBack(() => commitTogether(batch, now));
        const saveKey = connection.prepare('update orders set idempotency_key = ? where id = ?');
        for (const [index, command] of batch.entries()) {
          const outcome = done.outcomes[index];
          if (command.kind !== 'placeHold' || outcome?.kind !== 'held' || outcome.replayed) continue;
          saveKey.run(command.idempotencyKey, outcome.order.id);
        }
        return done;`,
      },
    ],
    tests: batches,
    caughtBy: 'a batch has the effects of its commands',
  },
  {
    class: 'model and schedules',
    name: 'the answer leaves before the commit',
    patches: [
      {
        file: commitBatch,
        search: '    commit.run();\n    const endedMs',
        replace: '      setImmediate(() => commit.run());\n      const endedMs',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
  },
  {
    class: 'stock, limits and money',
    name: 'the customer limit is checked by HTTP on a reader',
    patches: [
      {
        file: hold,
        search: 'if (perCustomer !== null && reachesLimit(',
        replace: 'if (perCustomer === 0 && reachesLimit(',
      },
      {
        file: 'src/http/purchase.ts',
        search: "import { type Context, Hono } from 'hono';",
        replace: `import { and, eq, sql } from 'drizzle-orm';
import { type Context, Hono } from 'hono';
import { orders } from '../../../drizzle/schema.ts';`,
      },
      {
        file: 'src/http/purchase.ts',
        search: '    const admitted = admit(c, request);',
        replace: `    const [has] = db
      .select({ units: sql\`coalesce(sum(quantity), 0)\` })
      .from(orders)
      .where(and(eq(orders.customer, request.buyer), eq(orders.dropId, request.drop.id)))
      .all();
    const { perCustomer } = request.drop;
    if (perCustomer !== null && Number(has?.units) + request.body.quantity > perCustomer)
      return refuse({ kind: 'limit_reached', perCustomer });
    const admitted = admit(c, request);`,
      },
    ],
    tests: ['test/unit/http/purchase-race.test.ts'],
    caughtBy: 'at the same moment one customer gets',
  },
  {
    class: 'stock, limits and money',
    name: 'the writer does not wait for the disk (NORMAL)',
    patches: [
      {
        file: connection,
        search: "same('synchronous', level),\n    same('foreign_keys', 1),\n    //",
        replace: "same('synchronous', 1),\n    same('foreign_keys', 1),\n    //",
      },
    ],
    tests: ['test/unit/split/connection.test.ts'],
    caughtBy: 'the writer waits for the disk at every commit',
  },
  {
    class: 'stock, limits and money',
    name: 'a reader runs NORMAL',
    patches: [
      {
        file: connection,
        search: "same('synchronous', level),\n      same('foreign_keys', 1),\n      //",
        replace: "same('synchronous', 1),\n      same('foreign_keys', 1),\n      //",
      },
    ],
    tests: ['test/unit/split/connection.test.ts'],
    caughtBy: 'readers run FULL',
  },
  {
    class: 'stock, limits and money',
    name: 'a write is routed to a reader',
    patches: [
      {
        file: 'src/split/replicas.ts',
        search: 'return { ...primary.with(...queries), select, selectDistinct };',
        replace: 'return select === selectDistinct ? primary.with(...queries) : replica.with(...queries);',
      },
    ],
    tests: ['test/unit/split/routing.test.ts'],
    caughtBy: 'to the writer (?:with\\.)?(?:insert|update|delete)',
    message: 'readonly database',
  },
  {
    class: 'model and schedules',
    name: 'the sweep releases whatever is old, paid or not',
    patches: [
      {
        file: statements,
        search: "= 'held'`, lte(",
        replace: 'is not null`, lte(',
      },
      {
        file: 'src/commands/release.ts',
        search: "if (!canBecome(order.status, 'released'))\n    throw",
        replace: 'if (!order)\n    throw',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
    message: 'AssertionError|A command failed: CHECK constraint failed: items_',
  },
  {
    class: 'model and schedules',
    name: 'a payment event counts each time it comes',
    patches: [forgetEvent, forgetReference],
    tests: model,
    caughtBy: 'every promise holds',
    message: 'A command failed: UNIQUE constraint failed: payments',
  },
  {
    class: 'model and schedules',
    name: 'the same, and no unique index stands behind it',
    patches: [
      forgetEvent,
      forgetReference,
      {
        file: spine,
        search: 'CREATE UNIQUE INDEX `payments_event`',
        replace: 'CREATE INDEX `payments_event`',
      },
      {
        file: spine,
        search: 'CREATE UNIQUE INDEX `payments_reference`',
        replace: 'CREATE INDEX `payments_reference`',
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
  },
  {
    class: 'model and schedules',
    name: 'a retry is looked up after the sold-out refusal',
    patches: [
      {
        file: hold,
        search: '  if (idempotencyKey !== null) {',
        replace: `  const left = statements.holdUnits.get({ itemId, quantity });
  if (!left) return { kind: 'sold_out' };
  statements.freeHeldUnits.get({ itemId, quantity });
  if (idempotencyKey !== null) {`,
      },
    ],
    tests: model,
    caughtBy: 'every promise holds',
  },
  {
    class: 'model and schedules',
    name: 'a refusal throws, and fails its batch',
    patches: [
      {
        file: hold,
        search: "  if (!counts) return { kind: 'sold_out' };",
        replace: "  if (!counts) throw new Error('sold out');",
      },
    ],
    tests: batches,
    caughtBy: 'a batch has the effects of its commands',
    message: 'Got error: sold out',
  },
  {
    class: 'stock, limits and money',
    name: 'a commit sells by the terms of before an edit',
    patches: [
      {
        file: 'src/commands/journal.ts',
        search: '    this.#offers.clear();\n    this.#drops.set(',
        replace: '    this.#drops.set(',
      },
    ],
    tests: ['test/unit/commands/offers.test.ts'],
    caughtBy: 'a pause refuses later purchases',
  },
];
