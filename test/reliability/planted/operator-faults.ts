/** Faults of what an operator relies on (a restore, a load test), each with the tests that must notice it. */
import type { Fault } from './fault.ts';

export const operatorFaults: readonly Fault[] = [
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
    tests: ['test/unit/database/sqlite/restore-refusals.test.ts'],
    caughtBy: 'one flipped byte',
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
    tests: ['test/unit/database/sqlite/restore-refusals.test.ts'],
    caughtBy: 'whose checksum was made',
  },
  {
    class: 'restore',
    name: 'a restore is silent about drops that had moved away',
    patches: [
      {
        file: 'src/database/sqlite/replaced-file.ts',
        search: 'drop.id === id && drop.slug === slug',
        replace: 'drop.id === id && drop.slug === null',
      },
    ],
    tests: ['test/contract/cli-restored-facts.test.ts'],
    caughtBy: 'names the drops',
  },
  {
    class: 'restore',
    name: 'a restore is silent about tokens that it makes valid again',
    patches: [
      {
        file: 'src/cli/restore.ts',
        search: 'acceptedHashes?.has(tokenHash) !== true',
        replace: "tokenHash === ''",
      },
    ],
    tests: ['test/contract/cli-restored-tokens.test.ts'],
    caughtBy: 'on node names the tokens',
  },
  {
    class: 'restore',
    name: '--revoke-tokens revokes nothing',
    patches: [
      {
        file: 'src/cli/restore.ts',
        search: '    if (mustRevoke) revokeTokens(',
        replace: '    if (mustRevoke && valid.length === 0) revokeTokens(',
      },
    ],
    tests: ['test/contract/cli-restored-tokens.test.ts'],
    caughtBy: 'on node names the tokens',
  },
  {
    class: 'load test',
    name: 'a load test that lost an order says GO',
    patches: [
      {
        file: 'src/load-test/decision.ts',
        search: "  yield* found('orders',",
        replace: "  if (findings.length < 0) yield* found('orders',",
      },
    ],
    tests: ['test/unit/load-test/decision.test.ts'],
    caughtBy: 'NO GO for orders: purchase a was acknowledged',
  },
  {
    class: 'load test',
    name: 'a load test whose server never came back says GO',
    patches: [
      {
        file: 'src/load-test/decision.ts',
        search: '  ...restart(shown),\n',
        replace: '',
      },
    ],
    tests: ['test/unit/load-test/decision.test.ts'],
    caughtBy: 'NO GO for restart',
  },
  {
    class: 'personal data',
    name: 'a refused command does not say which value was wrong',
    patches: [
      {
        file: 'src/cli/server.ts',
        search: 'sentAs(path, body)',
        replace: "''",
      },
    ],
    tests: ['test/contract/cli-server.test.ts'],
    caughtBy: 'against node deletes a customer',
  },
  {
    class: 'two programs on one file',
    name: 'the audit reads a file whose last orders are in the log of another name',
    patches: [
      {
        file: 'src/cli/options.ts',
        search: 'existsSync(file) ? lockOtherNames(',
        replace: "file === '' ? lockOtherNames(",
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    caughtBy: 'on node under a hard link made while it runs',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'a drop is exported from a file of another schema',
    patches: [
      {
        file: 'src/database/sqlite/move-file.ts',
        search: '    mustBeCurrent(connection, settings.file);\n    const dropId',
        replace: '    const dropId',
      },
    ],
    tests: ['test/unit/cli/older-file.test.ts'],
    caughtBy: 'move export drop',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'a file of another schema is audited',
    patches: [{ file: 'src/cli/audit.ts', search: '    mustBeCurrent(connection, file);\n', replace: '' }],
    tests: ['test/unit/cli/older-file.test.ts'],
    caughtBy: 'audit',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'a drop is imported into a file of another schema',
    patches: [
      {
        file: 'src/database/sqlite/migrate.ts',
        search: 'if (countMigrations(connection, migrationsFolder) === 0) migrateFile(connection);',
        replace: 'migrateFile(connection);',
      },
      {
        file: 'src/database/sqlite/migrate.ts',
        search: 'return false;\n  mustBeCurrent(connection, file);',
        replace: 'return false;',
      },
    ],
    tests: ['test/unit/cli/older-file.test.ts'],
    caughtBy: 'move import package.json',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'the version of a drop file is not looked at',
    patches: [
      {
        file: 'src/database/move/import-drop.ts',
        search: 'if (version !== dropFileVersion) {',
        replace: 'if (version === Number.NaN) {',
      },
    ],
    tests: ['test/unit/cli/older-file.test.ts'],
    caughtBy: 'a drop file that begins with',
  },
  ...(
    [
      [
        'src/http/answered-route.ts',
        'every route of an operator is counted as one',
        '(matched.find(({ path }) => isConcrete(path)) ?? matched.at(-1))',
        'matched.at(-1)',
        'every route of an operator',
      ],
      [
        'src/http/metric-presets.ts',
        'the first failure of a route is no increase',
        "['ok', 'internal']",
        "['ok']",
        'StampedeBreaksInside fires alone',
      ],
      [
        'src/http/metric-presets.ts',
        'the first webhooks that are refused are no increase',
        "path.endsWith('/webhook')",
        "path === ''",
        'StampedeWebhooksRefused fires alone',
      ],
    ] as const
  ).map(
    ([file, name, search, replace, caughtBy]): Fault => ({
      class: 'overload',
      name,
      patches: [{ file, search, replace }],
      tests: ['test/unit/repository/alerts.test.ts'],
      caughtBy,
    }),
  ),
];
