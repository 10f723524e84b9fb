/** Mutations of what an operator is shown: amounts, disputes, and forms that the server would refuse. */
import type { Fault } from './fault.ts';

const money = ['test/contract/dashboard-money.test.ts'];

export const dashboardFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'the refund form states the total instead of what is left',
    patches: [
      {
        file: 'src/pages/admin/operated-order-page.ts',
        search: 'amount(refundable, order.currency)',
        replace: 'amount(order.total, order.currency)',
      },
    ],
    tests: money,
    caughtBy: 'on node an order that was refunded in part',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund is offered while the payment is disputed',
    patches: [
      {
        file: 'src/domain/order.ts',
        search: "status === 'paid' && dispute !== 'open'",
        replace: "status === 'paid' && dispute !== 'won'",
      },
    ],
    tests: money,
    caughtBy: 'on node a disputed order is fulfilled only with the box ticked',
  },
  {
    class: 'stock, limits and money',
    name: 'the filter for disputed orders finds every order',
    patches: [
      {
        file: 'src/database/order-list.ts',
        search: 'dispute === undefined ? undefined : and(',
        replace: "dispute !== 'won' ? undefined : and(",
      },
    ],
    tests: money,
    caughtBy: 'on node disputes and refunds stand in the list',
  },
];
