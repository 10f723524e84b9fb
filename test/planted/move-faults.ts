/** Faults of a drop that moves, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const exporting = 'src/database/move/export-drop.ts';

export const moveFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'a refund that moved is made again under another key',
    patches: [
      { file: exporting, search: "if (table === 'refunds') row[keyPlaceColumn] ??= place;", replace: '' },
    ],
    tests: ['test/unit/moved-refund.test.ts'],
    caughtBy: 'is paid once, under the same key',
  },
  {
    class: 'edge runtime',
    name: 'a report about a refund of another place is taken for ours',
    patches: [
      {
        file: 'src/database/apply/movement.ts',
        search: 'refund?.keyPlace === keyPlace',
        replace: 'refund',
      },
    ],
    tests: ['test/unit/moved-refund.test.ts'],
    caughtBy: 'is paid once, under the same key',
  },
  ...(
    [
      ['an open hold', "status = 'held'"],
      ['an open checkout', 'closed_at is null'],
      ['a pending refund', "status = 'pending'"],
    ] as const
  ).map(
    ([what, search]): Fault => ({
      class: 'edge runtime',
      name: `a drop moves with ${what}`,
      patches: [{ file: exporting, search, replace: '0' }],
      tests: ['test/unit/moved-refund.test.ts'],
      caughtBy: 'a drop is refused with',
    }),
  ),
  ...(
    [
      [
        'is edited and summed anew',
        'src/database/move/import-drop.ts',
        'if (signature === undefined || !isSameText(signature, sign(signedText(whole)))) {',
        'if (text === sign(text)) {',
        'a file without a signature',
      ],
      [
        'is signed with another key',
        'src/database/move/import-drop.ts',
        '!isSameText(signature, sign(signedText(whole)))',
        "signature === ''",
        'a file of another key',
      ],
      [
        'has values that the API refuses',
        'src/database/move/import-drop.ts',
        'if (broken !== null) refuse',
        "if (broken === '') refuse",
        'a signed file with drops.title',
      ],
      [
        'has a slug of another drop',
        'src/database/move/import-drop.ts',
        'named.id !== dropId || named.slug !== slug',
        'named.id !== dropId',
        'a signed file with drops.slug = "another"',
      ],
      [
        'has rows of another drop',
        'src/database/move/import-drop.ts',
        '(named.drop_id ?? dropId) !== dropId',
        "named.drop_id === ''",
        'a signed file with items.drop_id',
      ],
      [
        'has a pending refund',
        'src/http/moved-row.ts',
        "status: status('sent', 'failed', 'settled')",
        "status: status('pending', 'sent', 'failed', 'settled')",
        'a signed file with refunds.status',
      ],
      [
        'has a checkout elsewhere',
        'src/http/moved-row.ts',
        'isCheckoutUrl(checkout.provider, checkout.url)',
        "checkout.url !== ''",
        'a signed file with checkouts.url',
      ],
      [
        'has a checkout that is open',
        'src/http/moved-row.ts',
        'closed_at: storedTime,',
        'closed_at: orNull(storedTime),',
        'a signed file with checkouts.closed_at',
      ],
      [
        'is for a file of another program, which is opened for writing first',
        'src/database/sqlite/move-file.ts',
        '  mustBeEmpty(settings);\n',
        '',
        'a database of another program',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `a drop file is imported that ${what}`,
      patches: [{ file, search, replace }],
      tests: ['test/unit/drop-file-rules.test.ts'],
      caughtBy,
    }),
  ),
  ...(
    [
      [
        'goes on selling, refunding and taking money',
        'src/database/apply/apply.ts',
        'if (isOfMovedDrop(command, statements)) return',
        "if (command.kind === 'moveDrop' && isOfMovedDrop(command, statements)) return",
        'sells nothing, takes no money',
      ],
      [
        'is not marked',
        'src/database/sqlite/move-file.ts',
        '    mark(connection, dropId, true, now);\n',
        '',
        'sells nothing, takes no money',
      ],
      [
        'is another file when it is exported again',
        exporting,
        'mark?.movedAt ?? now',
        'now',
        'is exported again as the same file',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `a drop that was exported ${what}`,
      patches: [{ file, search, replace }],
      tests: ['test/unit/moved-drop.test.ts'],
      caughtBy,
    }),
  ),
  {
    class: 'edge runtime',
    name: 'links lead to orders of a drop that has moved',
    patches: [{ file: 'src/background/mail.ts', search: '!drop || drop.movedAt ||', replace: '!drop ||' }],
    tests: ['test/contract/find-orders.test.ts'],
    caughtBy: 'on node an order of a drop that has moved is left out',
  },
  {
    class: 'edge runtime',
    name: 'a drop that has moved is shown as it was',
    patches: [
      {
        file: 'src/http/orders.ts',
        search: 'if (drop?.movedAt) return',
        replace: 'if (drop?.movedAt === 0) return',
      },
    ],
    tests: ['test/contract/cli-moved-drop.test.ts'],
    caughtBy: 'on node answers 410',
  },
  ...(
    [
      [
        'has its payments refused, so that the provider gives the webhooks up',
        'src/background/ignored-payment.ts',
        "&& outcome.kind !== 'drop_moved') return outcome;",
        ') return outcome as Ignored;',
        ['test/unit/settle-checkout.test.ts'],
        'of a drop that moved meanwhile',
      ],
      [
        'has its payments counted as those of another shop',
        'src/background/ignored-payment.ts',
        "reason === 'unreadable' && !isOurs",
        '!isOurs',
        ['test/unit/settle-checkout.test.ts'],
        'of a drop that moved meanwhile',
      ],
      [
        'has its disputes refused, so that the provider gives the webhooks up',
        'src/http/payments.ts',
        " || outcome.kind === 'drop_moved') continue",
        ') continue',
        ['test/contract/moved-money.test.ts'],
        'a drop that moved from bun to workerd',
      ],
      [
        'has its late payments ignored at the new place too',
        'src/runtime/edge/payment-places.ts',
        'if (place !== null && (await',
        "if (place !== null && mark === 'own' && (await",
        ['test/contract/moved-money.test.ts'],
        'a drop that moved from bun to workerd',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, tests, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `a drop that has moved ${what}`,
      patches: [{ file, search, replace }],
      tests,
      caughtBy,
    }),
  ),
  {
    class: 'edge runtime',
    name: 'a token for editing drops may import one',
    patches: [
      {
        file: 'src/http/admin-import.ts',
        search: "scope: 'drops:import'",
        replace: "scope: 'drops:write'",
      },
    ],
    tests: ['test/unit/drop-file-rules.test.ts'],
    caughtBy: 'needs its own scope',
  },
  {
    class: 'edge runtime',
    name: 'two shards of a drop give their orders the same numbers',
    patches: [
      {
        file: 'src/database/apply/new-keys.ts',
        search: 'lanes === 1 ? everyKey : { step: LANES_MAX, first: lane }',
        replace: 'lanes === lane ? { step: LANES_MAX, first: lane } : everyKey',
      },
    ],
    tests: ['test/unit/new-keys.test.ts'],
    caughtBy: 'the keys of the shards of a drop are never the same',
  },
  {
    class: 'edge runtime',
    name: 'a key beyond its range gets the number of another order',
    patches: [
      {
        file: 'src/ids.ts',
        search: "        throw new RangeError('The key is out of range.');\n",
        replace: '        number = Math.abs(number) % (size * size);\n',
      },
    ],
    tests: ['test/unit/ids.test.ts'],
    caughtBy: 'out of range|which another key would share',
  },
];
