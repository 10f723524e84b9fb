/** Faults of a deployment that a drop has left, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const exporting = 'src/database/move/export-drop.ts';

export const movedFaults: readonly Fault[] = [
  ...(
    [
      [
        'goes on selling, refunding and taking money',
        'src/commands/apply.ts',
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
      tests: ['test/unit/database/moved-drop.test.ts'],
      caughtBy,
    }),
  ),
  {
    class: 'edge runtime',
    name: 'links lead to orders of a drop that has moved',
    patches: [{ file: 'src/background/letters.ts', search: '!drop || drop.movedAt ||', replace: '!drop ||' }],
    tests: ['test/contract/find-orders.test.ts'],
    caughtBy: 'on node an order of a moved drop is omitted',
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
        ['test/unit/background/settle-checkout.test.ts'],
        'of a drop that moved meanwhile',
      ],
      [
        'has its payments counted as those of another shop',
        'src/background/ignored-payment.ts',
        "reason === 'unreadable' && !isOurs",
        '!isOurs',
        ['test/unit/background/settle-checkout.test.ts'],
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
        'src/edge/front/payment-shards.ts',
        'if (shardId !== null && (await',
        "if (shardId !== null && mark === 'own' && (await",
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
  ...(
    [
      [
        'database file',
        'src/database/sqlite/move-file.ts',
        'mark === from.deployment',
        "mark === ''",
        ['test/unit/database/drop-file-rules.test.ts'],
        'the file that exported a drop does not take it in again',
      ],
      [
        'edge',
        'src/edge/object/drop-maker.ts',
        'header.source.deployment === (await',
        "'' === (await",
        ['test/edge/move.test.ts'],
        'goes from a machine to the edge and back',
      ],
    ] as const
  ).map(
    ([what, file, search, replace, tests, caughtBy]): Fault => ({
      class: 'edge runtime',
      name: `the ${what} that exported a drop does not know its own file`,
      patches: [{ file, search, replace }],
      tests,
      caughtBy,
    }),
  ),
];
