/** Faults that show only where something else comes between two steps of a request. */
import type { Fault } from './fault.ts';

const schedules = ['test/property/schedules.test.ts'];
const purchase = 'src/http/purchase.ts';

export const scheduleFaults: readonly Fault[] = [
  {
    class: 'model and schedules',
    name: 'the key is looked for before the queue, and not inside of the transaction',
    patches: [
      {
        file: purchase,
        search: '      ...key,\n',
        replace: '      idempotencyKey: null,\n      plainKey: null,\n',
      },
      {
        file: purchase,
        search: "    if (typeof admitted !== 'function') return findReplay(request) ?? admitted;\n",
        replace: `    const replay = findReplay(request);
    if (replay) return replay;
    if (typeof admitted !== 'function') return admitted;
`,
      },
      {
        file: purchase,
        search: 'if (key.plainKey !== null) underway.set(name, placing);',
        replace: '',
      },
    ],
    tests: schedules,
    caughtBy: 'in every order of waits',
  },
  {
    class: 'model and schedules',
    name: 'a cancellation goes by what the order was when it was asked for',
    patches: [
      {
        file: 'src/commands/release.ts',
        search: "  if (!canBecome(order.status, 'released')) return { kind: 'already_paid' };\n",
        replace: '',
      },
      {
        file: 'src/commands/release.ts',
        search: "  if (!canBecome(order.status, 'released'))\n    throw",
        replace: '  if (order.id < 0)\n    throw',
      },
      {
        file: 'src/http/orders.ts',
        search: "const outcome = await db.submit({ kind: 'cancelOrder', orderId });",
        replace:
          "if (orderReads(db).order(orderId)?.order.status !== 'held') return problem('already_paid');\n      const outcome = await db.submit({ kind: 'cancelOrder', orderId });",
      },
    ],
    tests: schedules,
    caughtBy: 'in every order of waits',
  },
];
