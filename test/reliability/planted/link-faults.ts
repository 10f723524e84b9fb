/** What keeps requests for lost links within bounds and without traces, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const linkFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'one address causes every letter with links',
    patches: [
      {
        file: 'src/http/find-orders.ts',
        search: ' || rateLimits?.mayMailLinks(c, customer) === false',
        replace: '',
      },
    ],
    tests: ['test/contract/mail-bounds.test.ts'],
    caughtBy: 'on node a stranger uses up no other address',
  },
  {
    class: 'hostile requests and clients',
    name: 'all addresses share the letters with links',
    patches: [
      {
        file: 'src/http/rate-limits.ts',
        search: "[addressOf(c), customer].join(' ')",
        replace: 'customer',
      },
    ],
    tests: ['test/contract/mail-bounds.test.ts'],
    caughtBy: 'on node a stranger uses up no other address',
  },
  {
    class: 'personal data',
    name: 'metrics tell whether an address is a customer’s',
    patches: [
      {
        file: 'src/background/link-letters.ts',
        search: 'Math.min(LINK_REQUEST_KEPT_MS, Math.max(0, at + LINK_REQUEST_KEPT_MS - clock.now()))',
        replace: '0',
      },
    ],
    tests: ['test/unit/background/link-letters.test.ts'],
    caughtBy: 'a request is not logged, and ends with the same command at the same time',
  },
  {
    class: 'hostile requests and clients',
    name: 'requests for lost links grow the log',
    patches: [
      {
        file: 'src/commands/letters.ts',
        search: '    statements.insertLinkRequest.run({ recipient, at: journal.now });',
        replace: `  {
    statements.insertLinkRequest.run({ recipient, at: journal.now });
    journal.log({ kind: 'links_requested', actor: 'customer', dropId: null });
  }`,
      },
    ],
    tests: ['test/contract/find-orders.test.ts'],
    caughtBy: 'on node requests leave nothing in the log',
  },
  {
    class: 'hostile requests and clients',
    name: 'requests for lost links that wait have no bound',
    patches: [
      {
        file: 'src/commands/letters.ts',
        search: 'waiting < LINK_REQUESTS_MAX &&',
        replace: 'waiting > -LINK_REQUESTS_MAX &&',
      },
    ],
    tests: ['test/unit/background/link-letters.test.ts'],
    caughtBy: 'the requests that wait are bounded',
  },
  {
    class: 'hostile requests and clients',
    name: 'a request for lost links never ends',
    patches: [
      {
        file: 'src/background/link-letters.ts',
        search: 'if (turn.isOver) return end(turn);',
        replace: 'if (turn.isOver) return;',
      },
    ],
    tests: ['test/unit/background/link-letters.test.ts'],
    caughtBy: 'a request is not logged, and ends with the same command at the same time',
  },
];
