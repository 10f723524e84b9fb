/** Faults of a drop that moves, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const exporting = 'src/database/move/export-drop.ts';

export const moveFaults: readonly Fault[] = [
  {
    class: 'edge runtime',
    name: 'a refund that moved is made again under another key',
    patches: [
      { file: exporting, search: "if (table === 'refunds') row[keyShardIdColumn] ??= shardId;", replace: '' },
    ],
    tests: ['test/unit/database/moved-refund.test.ts'],
    caughtBy: 'is paid once, under the same key',
  },
  {
    class: 'edge runtime',
    name: 'a report about a refund of another place is taken for ours',
    patches: [
      {
        file: 'src/commands/movement.ts',
        search: 'refund?.keyShardId === keyShardId',
        replace: 'refund',
      },
    ],
    tests: ['test/unit/database/moved-refund.test.ts'],
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
      tests: ['test/unit/database/moved-refund.test.ts'],
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
        'has a checkout that is no web address',
        'src/http/moved-row.ts',
        'v.check(isClosedCheckoutUrl, ',
        'v.nonEmpty(',
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
        'has a control character in an order’s name',
        'src/http/moved-row.ts',
        'name: orNull(storedLine(NAME_CHARACTERS_MAX))',
        'name: orNull(v.string())',
        'a signed file with orders.name',
      ],
      [
        'is for a file of another program, which is opened for writing first',
        'src/database/sqlite/move-file.ts',
        'const mark = markInUse(settings);',
        'const mark = undefined;',
        'a database of another program',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `a drop file is imported that ${what}`,
      patches: [{ file, search, replace }],
      tests: ['test/unit/database/drop-file-rules.test.ts'],
      caughtBy,
    }),
  ),
  ...(
    [
      [
        'is marked although its import would refuse it',
        'src/database/move/export-drop.ts',
        'if (broken === null) continue;',
        "if (broken !== '') continue;",
        'a drop whose import would refuse',
      ],
      [
        'stays for a name that an older version took',
        'src/http/moved-row.ts',
        'name: orNull(storedLine(NAME_CHARACTERS_MAX))',
        'name: keptOrNull(customer.entries.name)',
        'what an older version stored as orders.name',
      ],
      [
        'stays for a reference that the port took',
        'src/http/moved-row.ts',
        'const reference = matching(/^[^\\p{Cc}]{1,300}$/u',
        'const reference = matching(/^[ -~]{1,255}$/u',
        'what an older version stored as payments.',
      ],
      [
        'stays for a closed checkout at a domain of the shop’s own',
        'src/payments/closed-checkout.ts',
        "url.protocol === 'https:' ||",
        "url.hostname === 'checkout.stripe.com' ||",
        'a closed checkout at https://pay.shop.example',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `a drop that is exported ${what}`,
      patches: [{ file, search, replace }],
      tests: ['test/unit/database/drop-file-rules.test.ts'],
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
    tests: ['test/unit/database/drop-file-rules.test.ts'],
    caughtBy: 'needs its own scope',
  },
  {
    class: 'edge runtime',
    name: 'two shards of a drop give their orders the same numbers',
    patches: [
      {
        file: 'src/commands/new-keys.ts',
        search: 'shards === 1 ? everyKey : { step: SHARDS_MAX, first: shard }',
        replace: 'shards === shard ? { step: SHARDS_MAX, first: shard } : everyKey',
      },
    ],
    tests: ['test/unit/commands/new-keys.test.ts'],
    caughtBy: 'the keys of the shards of a drop are never the same',
  },
  {
    class: 'edge runtime',
    name: 'a key beyond its range gets the number of another order',
    patches: [
      {
        file: 'src/ids/permutation.ts',
        search: "        throw new RangeError('The key is out of range.');\n",
        replace: '        number = Math.abs(number) % (size * size);\n',
      },
    ],
    tests: ['test/unit/ids/ids.test.ts'],
    caughtBy: 'out of range|which another key would share',
  },
  {
    class: 'stock, limits and money',
    name: 'a drop is imported beside a server that has the file open',
    patches: [
      {
        file: 'src/database/sqlite/move-file.ts',
        search: 'const lock = lockUnused(settings.file);',
        replace: 'const lock = { release: () => undefined };',
      },
    ],
    tests: ['test/unit/database/moved-drop.test.ts'],
    caughtBy: 'comes into no file that a server has open',
  },
  {
    class: 'stock, limits and money',
    name: 'an imported drop is told to every subscriber again',
    patches: [
      {
        file: 'src/database/sqlite/move-file.ts',
        search: 'DELETE FROM generations; DELETE FROM followers',
        replace: 'DELETE FROM generations',
      },
    ],
    tests: ['test/unit/database/moved-drop.test.ts'],
    caughtBy: 'is told to no one again',
  },
];
