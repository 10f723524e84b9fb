/** Mutations of the storefront: forms that are sent again, orders that open to strangers, letters without a limit. */
import type { Fault } from './fault.ts';

const hostile = 'hostile requests and clients';
const links = ['test/contract/order-link.test.ts'];

export const shopFaults: readonly Fault[] = [
  {
    class: hostile,
    name: 'the address of the order page alone is thanked for a payment',
    patches: [
      {
        file: 'src/pages/messages.ts',
        search: 'Your payment is not confirmed yet. If you paid, the',
        replace: 'Thank you. Your payment is not confirmed yet. The',
      },
    ],
    tests: links,
    caughtBy: 'on node the page shows the order’s state',
  },
  {
    class: hostile,
    name: 'a waiting page reloads, and so sends its form again',
    patches: [
      {
        file: 'src/pages/shop-script.ts',
        search: 'const renewSoon = () => lookIn(Math.random() * 700, true);',
        replace: 'const renewSoon = () => location.reload();',
      },
    ],
    tests: ['test/browser/refused-form.test.ts'],
    caughtBy: 'on node waits for the drop and orders nothing by itself: without cookies',
  },
  {
    class: hostile,
    name: 'any text opens an order',
    patches: [
      {
        file: 'src/http/order-pages.ts',
        search: '    if (!ids.isOrderToken(orderId, token)) return askToken(c, true);\n',
        replace: '',
      },
    ],
    tests: links,
    caughtBy: 'on node the token "x" opens nothing',
  },
  {
    class: hostile,
    name: 'another site’s form is read',
    patches: [
      {
        file: 'src/http/shop-form.ts',
        search: 'const foreign = refuseForeignForm(c, deps);',
        replace: 'const foreign = null as Response | null;',
      },
    ],
    tests: links,
    caughtBy: 'on node another site’s form opens and cancels nothing',
  },
  {
    class: hostile,
    name: 'a request for lost links of an older version spoils the books',
    patches: [
      {
        file: 'src/database/audit/log.ts',
        search: "iif(kind = 'links_requested',",
        replace: 'iif(false,',
      },
    ],
    tests: ['test/unit/commands/journal.test.ts'],
    caughtBy: 'a request for lost links that an older version logged',
  },
  {
    class: hostile,
    name: 'a client that takes JSON as gladly gets a page',
    patches: [
      {
        file: 'src/http/accepted.ts',
        search: "return qualityOf(accept, 'text/html') > json;",
        replace: "return qualityOf(accept, 'text/html') >= json;",
      },
    ],
    tests: ['test/contract/problems-as-pages.test.ts'],
    caughtBy: 'on node Accept "application/json, text/html"',
  },
  {
    class: hostile,
    name: 'a purchase without cookies is answered by a page that shows nothing',
    patches: [
      {
        file: 'src/http/storefront.ts',
        search: 'hasCookies(c) ? null : openOrder(deps, order.id, token)',
        replace: 'null',
      },
    ],
    tests: links,
    caughtBy: 'on node without cookies a purchase is answered by the order and its link',
  },
  {
    class: hostile,
    name: 'an old cookie wins over the token of a form',
    patches: [
      {
        file: 'src/http/order-pages.ts',
        search: "[typed, getCookie(c, 'order') ?? ''].find((token) => ids.isOrderToken(id, token)) ?? ''",
        replace: "getCookie(c, 'order') ?? typed",
      },
    ],
    tests: links,
    caughtBy: 'on node an old cookie does not prevent a form from cancelling',
  },
  {
    class: hostile,
    name: 'a cancellation that was not done is not said',
    patches: [
      {
        file: 'src/http/order-pages.ts',
        search: 'if (notDone.has(outcome.kind)) {',
        replace: "if (outcome.kind === 'nothing') {",
      },
    ],
    tests: ['test/unit/http/cancel-outcome.test.ts'],
    caughtBy: 'disk_full',
  },
  {
    class: hostile,
    name: 'a page says that nothing was charged while a checkout is open',
    patches: [
      {
        file: 'src/pages/order-page.ts',
        search: "  if (isOver && mayBePaid) return 'late';\n",
        replace: '',
      },
    ],
    tests: ['test/contract/order-page-money.test.ts'],
    caughtBy: 'on node does not deny a charge while a checkout may still be paid',
  },
  {
    class: hostile,
    name: 'what was typed is lost when everything is sold out',
    patches: [
      {
        file: 'src/http/storefront.ts',
        search: 'tried === undefined || mustWait ?',
        replace: 'tried === undefined ?',
      },
    ],
    tests: ['test/contract/storefront.test.ts'],
    caughtBy: 'on node a form that found everything sold out waits until units are free',
  },
  {
    class: hostile,
    name: 'a wrong name is not marked',
    patches: [
      {
        file: 'src/http/attempt-cookie.ts',
        search: "['email', 'name', 'sku', 'quantity'] as const",
        replace: "['email', 'sku', 'quantity'] as const",
      },
    ],
    tests: ['test/contract/storefront.test.ts'],
    caughtBy: 'on node an invalid name is marked at its field',
  },
  {
    class: 'hostile requests and clients',
    name: 'who comes back without a cookie is offered no mail with the link',
    patches: [
      {
        file: 'src/http/order-pages.ts',
        search: 'hasMail: hasMail(deps)',
        replace: 'hasMail: hasMail(deps) && asked.from === null',
      },
    ],
    tests: ['test/contract/find-orders.test.ts'],
    caughtBy: 'on node a buyer who returns from the payment without a cookie',
  },
  {
    class: 'hostile requests and clients',
    name: 'a letter with one link speaks of several orders',
    patches: [
      {
        file: 'src/background/mail-templates.ts',
        search: "isOne ? 'Your order'",
        replace: "isOne ? 'Your orders'",
      },
    ],
    tests: ['test/unit/background/mail.test.ts'],
    caughtBy: 'a letter about one of a thing speaks of one',
  },
];
