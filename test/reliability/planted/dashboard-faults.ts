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
        search: "(dispute === 'open' || (dispute === 'lost' && left <= 0))",
        replace: "(dispute === 'won' || (dispute === 'lost' && left <= 0))",
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
    caughtBy: 'on node disputes and refunds are in the list',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that is tried again shows the attempts before the retry',
    patches: [
      {
        file: 'src/database/money-reads.ts',
        search: '{refunds.attempts} - $',
        replace: '{refunds.attempts} - 0 * $',
      },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'is given up after its attempts, shown, and tried again',
  },
  {
    class: 'stock, limits and money',
    name: 'a retry of a refund begins no new series of attempts',
    patches: [
      {
        file: 'src/commands/refund-statements.ts',
        search: 'seriesStart: sql`$',
        replace: 'seriesStart: sql`0 * $',
      },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'that was refused at attempt 47 has a whole series after a retry',
  },
  {
    class: 'stock, limits and money',
    name: 'a settled refund leads to the first page of the list',
    patches: [
      {
        file: 'src/http/dashboard/background.ts',
        search: "writtenAt(listOf(request), 'settled', settled)",
        replace: "writtenAt(refunds, 'settled', settled)",
      },
    ],
    tests: money,
    caughtBy: 'on node a failed refund is settled by the form on a later page of the list',
  },
  {
    class: 'hostile requests and clients',
    name: 'a browser that is not signed in gets an error for an address of the API',
    patches: [
      {
        file: 'src/http/opened-by-browser.ts',
        search: 'if (c.res.status !== 401 ||',
        replace: 'if (c.res.status !== 403 ||',
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node an address of the API that a browser opens leads to the sign-in and back',
  },
  {
    class: 'hostile requests and clients',
    name: 'a wrong token of a program is answered by a way to the sign-in',
    patches: [
      {
        file: 'src/http/opened-by-browser.ts',
        search: "if (!isOpened || c.req.header('authorization') !== undefined) return next();",
        replace: 'if (!isOpened) return next();',
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node an address of the API that a browser opens leads from /admin/subscribers',
  },
  {
    class: 'hostile requests and clients',
    name: 'a program that takes HTML is led to the sign-in',
    patches: [
      {
        file: 'src/http/opened-by-browser.ts',
        search: "c.req.header('sec-fetch-mode') === 'navigate' &&",
        replace: '',
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node an address of the API that a browser opens leads from /admin/subscribers',
  },
  {
    class: 'hostile requests and clients',
    name: 'a search of the API is led to a page that ignores it',
    patches: [
      {
        file: 'src/http/opened-by-browser.ts',
        search: 'every((name) => known.includes(name))',
        replace: 'every((name) => known.includes(name) || true)',
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node an address of the API that a browser opens leads to no page that shows something else',
  },
  {
    class: 'hostile requests and clients',
    name: 'the sign-in leads out of the dashboard by dot segments',
    patches: [
      {
        file: 'src/http/dashboard/sign-in.ts',
        search: "url.pathname.startsWith('/admin/')",
        replace: "to.startsWith('/admin/')",
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node the sign-in never redirects to /admin/',
  },
  {
    class: 'hostile requests and clients',
    name: 'a link on another site shows the sign-in to whoever is signed in',
    patches: [
      {
        file: 'src/http/dashboard/sign-in.ts',
        search: "c.req.header('sec-fetch-site') === 'cross-site'",
        replace: "c.req.header('sec-fetch-site') === 'other'",
      },
    ],
    tests: ['test/contract/dashboard-session.test.ts'],
    caughtBy: 'on node an address of the API that a browser opens from another site’s link',
  },
  {
    class: 'hostile requests and clients',
    name: 'the help of a command stops at its first word',
    patches: [
      {
        file: 'src/cli/program.ts',
        search: 'const word of words)',
        replace: 'const word of words.slice(0, 1))',
      },
    ],
    tests: ['test/unit/cli/misuse.test.ts'],
    caughtBy: 'of a command at every depth is the one that its --help prints',
  },
  {
    class: 'hostile requests and clients',
    name: 'a page of the dashboard has an address that a drop can have',
    patches: [
      {
        file: 'src/http/dashboard/drops.ts',
        search: `    .get(
      '/admin/ui/new-drop',`,
        replace: `    .get(
      '/admin/ui/drops/new',`,
      },
    ],
    tests: ['test/contract/drop-names.test.ts'],
    caughtBy: 'on node a drop named new is reached by its name',
  },
];
