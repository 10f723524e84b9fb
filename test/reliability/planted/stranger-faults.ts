/** What strangers could use up or find out, each guard removed once, with the test that must notice it. */
import type { Fault } from './fault.ts';

export const strangerFaults: readonly Fault[] = [
  {
    class: 'hostile requests and clients',
    name: 'a drop made without a limit has none',
    patches: [
      {
        file: 'src/http/admin-drops.ts',
        search: 'v.optional(perCustomer, PER_CUSTOMER_DEFAULT)',
        replace: 'v.optional(perCustomer, null)',
      },
    ],
    tests: ['test/contract/admin-drops.test.ts'],
    caughtBy: 'on node creates .*four a customer',
  },
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
    caughtBy: 'on node buyers are distinguished where the proxy adds ports',
  },
  {
    class: 'hostile requests and clients',
    name: 'what a proxy writes and nothing can read is not logged',
    patches: [{ file: 'src/http/client-address.ts', search: 'warnings.unreadable(entry);', replace: '' }],
    tests: ['test/unit/http/addresses.test.ts'],
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
    caughtBy: 'on node buyers are distinguished where the proxy adds ports',
  },
  {
    class: 'hostile requests and clients',
    name: 'a key of 15 characters is accepted',
    patches: [
      {
        file: 'src/domain/client-key.ts',
        search: 'CHARACTERS_MIN = 16;',
        replace: 'CHARACTERS_MIN = 15;',
      },
    ],
    tests: ['test/contract/purchase-refusals.test.ts'],
    caughtBy: 'on node names \'key "kkkkk" of 15\'',
  },
  {
    class: 'hostile requests and clients',
    name: 'wrong tokens of strangers lock out the operator',
    patches: [
      {
        file: 'src/http/admin-routes.ts',
        search: `    authenticate.byToken(c) ??
    (await rateLimits?.takeFailedLogin(c)) ??
`,
        replace: `    (await rateLimits?.takeFailedLogin(c)) ??
    authenticate.byToken(c) ??
`,
      },
    ],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'on node wrong tokens are rate-limited, and never lock out',
  },
  {
    class: 'overload',
    name: 'the reference is made for each request',
    patches: [
      {
        file: 'src/api/explain-routes.ts',
        search: 'if (explained?.version !== version || explained.publicUrl !== publicUrl)',
        replace: 'if (version !== null)',
      },
    ],
    tests: ['test/unit/api/document.test.ts'],
    caughtBy: 'document and reference are made once',
  },
  {
    class: 'overload',
    name: 'every scrape counts anew',
    patches: [
      {
        file: 'src/http/metrics.ts',
        search: 'rateLimits ? METRICS_AGE_MS : 0',
        replace: 'rateLimits ? 0 : 0',
      },
    ],
    tests: ['test/unit/http/scraped.test.ts'],
    caughtBy: 'a thousand scrapes at a time',
  },
  {
    class: 'overload',
    name: 'the reference has no limit',
    patches: [{ file: 'src/app.ts', search: ", '/docs'", replace: '' }],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'on node a claimed address is ignored',
  },
  {
    class: 'overload',
    name: 'one address may listen as often as it likes',
    patches: [
      {
        file: 'src/http/rate-limits.ts',
        search: 'if (count >= ADDRESS_LISTENERS_MAX) return tooManyListeners();',
        replace: '',
      },
    ],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'live streams of one address on node',
  },
  {
    class: 'overload',
    name: 'a stream that has ended counts on',
    patches: [{ file: 'src/http/live-stock.ts', search: '    onEnd();\n', replace: '' }],
    tests: ['test/contract/rate-limit.test.ts'],
    caughtBy: 'live streams of one address on node',
  },
  {
    class: 'overload',
    name: 'at the edge one address may listen as often as it likes',
    patches: [
      {
        file: 'src/edge/relay/live-stock.ts',
        search: 'acceptWebSocket(server, tags);',
        replace: 'acceptWebSocket(server);',
      },
    ],
    tests: ['test/edge/edge-listeners.test.ts'],
    caughtBy: 'one address may have so many live streams',
  },
  {
    class: 'personal data',
    name: 'other users may read what a server writes',
    patches: [{ file: 'src/runtime/main.mjs', search: 'process.umask(0o077);', replace: '' }],
    tests: ['test/contract/file-modes.test.ts'],
    caughtBy: 'files on node are readable by their user only',
  },
  {
    class: 'personal data',
    name: 'other users may read what a command writes',
    patches: [{ file: 'src/cli/main.ts', search: 'process.umask(0o077);', replace: '' }],
    tests: ['test/contract/file-modes.test.ts'],
    caughtBy: 'files on node are readable by their user only',
  },
  {
    class: 'personal data',
    name: 'a file that others may read is not warned of',
    patches: [
      { file: 'src/runtime/open-database.ts', search: 'warnOfWideModes(databaseFile, log);', replace: '' },
    ],
    tests: ['test/contract/file-modes.test.ts'],
    caughtBy: 'files on node with wide modes cause a warning',
  },
  {
    class: 'personal data',
    name: 'what another user puts into the temporary folder blocks a start',
    patches: [
      {
        file: 'src/split/other-names.ts',
        search: 'isOurs(file) ? takeLock(file)',
        replace: 'file ? takeLock(file)',
      },
    ],
    tests: ['test/contract/file-modes.test.ts'],
    caughtBy: 'files on node of another user in the temporary folder',
  },
  {
    class: 'hostile requests and clients',
    name: 'a password goes over the network in the clear',
    patches: [
      { file: 'src/runtime/smtp.ts', search: "url.password !== ''", replace: "url.password === 'never'" },
    ],
    tests: ['test/unit/background/mail.test.ts'],
    caughtBy: 'a password is sent over TLS only',
  },
  {
    class: 'hostile requests and clients',
    name: 'a formula behind a character without width stays one',
    patches: [{ file: 'src/database/orders-csv.ts', search: '(?=[\\s\\p{Cf}]*', replace: '(?=\\s*' }],
    tests: ['test/unit/database/orders-csv.test.ts'],
    caughtBy: 'is written as .*in quotes',
  },
];
