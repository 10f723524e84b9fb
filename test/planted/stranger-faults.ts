/** What strangers could use up or find out, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const strangerFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'an address with a port is not read',
    patches: [
      {
        file: 'src/http/client-address.ts',
        search: 'const before = parseForwarded(entry);',
        replace: 'const before = parseForwarded(entry) && parseAddress(entry);',
      },
    ],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'on node a buyer is told from another where the proxy adds ports',
  },
  {
    class: 'hostile requests and clients',
    name: 'what a proxy writes and nothing can read is not logged',
    patches: [{ file: 'src/http/client-address.ts', search: 'warnings.unreadable(entry);', replace: '' }],
    tests: ['test/unit/addresses.test.ts'],
    caughtBy: 'ends at what cannot be read, and that is reported',
  },
  {
    class: 'hostile requests and clients',
    name: 'the log repeats the address that it cannot read',
    patches: [
      {
        file: 'src/runtime/proxy-warnings.ts',
        search: ".replaceAll(/[a-z]+/gi, 'a')",
        replace: '',
      },
    ],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'on node a buyer is told from another where the proxy adds ports',
  },
  {
    class: 'hostile requests and clients',
    name: 'wrong tokens of strangers lock out the operator',
    patches: [
      {
        file: 'src/http/admin-routes.ts',
        search: `    authenticate.byToken(c) ??
    rateLimits?.takeFailedLogin(c) ??
`,
        replace: `    rateLimits?.takeFailedLogin(c) ??
    authenticate.byToken(c) ??
`,
      },
    ],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'on node wrong tokens are rate-limited, and never lock out',
  },
];
