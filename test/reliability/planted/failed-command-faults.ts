/** Faults that let one value stop a shop, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const failedCommands = ['test/unit/database/sqlite/failed-command.test.ts'];

export const failedCommandFaults: readonly Fault[] = [
  {
    class: 'stock, limits and money',
    name: 'a value that the database refuses fails the whole batch',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: 'if (!connection.open) return null;',
        replace: 'if (connection.open) return null;',
      },
    ],
    tests: failedCommands,
    caughtBy: 'fails alone',
    message: 'SqliteError: |RangeError: ',
  },
  {
    class: 'stock, limits and money',
    name: 'a failed command leaves its rows',
    patches: [
      {
        file: 'src/split/run-apart.ts',
        search: "connection.exec('ROLLBACK TO command; RELEASE command');",
        replace: "connection.exec('RELEASE command');",
      },
    ],
    tests: failedCommands,
    caughtBy: 'a quantity below 0 fails alone',
  },
  {
    class: 'stock, limits and money',
    name: 'a failed command leaves its events in the journal',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '      inScope(now, (scope) => {\n        scope.reload();',
        replace:
          '      ((_, work) => work(shared ??= commands.begin(now)))(now, (scope) => {\n        scope.reload();',
      },
      {
        file: 'src/split/group-commit.ts',
        search: '    seenVersion = dataVersion.get();\n    const outcomes',
        replace: '    let shared;\n    seenVersion = dataVersion.get();\n    const outcomes',
      },
    ],
    tests: failedCommands,
    caughtBy: 'fails alone',
  },
  {
    class: 'stock, limits and money',
    name: 'an SQL error of the schema fails only its command',
    patches: [
      {
        file: 'src/split/refused-value.ts',
        search: 'SQLITE_(?:CONSTRAINT',
        replace: 'SQLITE_(?:ERROR|IOERR|CONSTRAINT',
      },
    ],
    tests: failedCommands,
    caughtBy: 'is no failed command',
  },
  {
    class: 'stock, limits and money',
    name: 'the reason of a failed command repeats what the database said',
    patches: [
      {
        file: 'src/split/refused-value.ts',
        search: 'namedConstraint.exec(message)?.[0] ?? code ?? error.name',
        replace: 'message',
      },
    ],
    tests: failedCommands,
    caughtBy: 'never repeats a value',
  },
  {
    class: 'stock, limits and money',
    name: 'the sweep goes on at once after a release that the database refuses',
    patches: [
      {
        file: 'src/runtime/sweep.ts',
        search: 'isSweeping || clock.monotonicMs() < restsUntilMs',
        replace: 'isSweeping',
      },
    ],
    tests: failedCommands,
    caughtBy: 'the sweep rests',
  },
  {
    class: 'stock, limits and money',
    name: 'a refund that the database refuses is tried again with every look',
    patches: [
      {
        file: 'src/background/refund-sender.ts',
        search: "if (begun.kind === 'command_failed') resting",
        replace: "if (begun.kind === 'not_due') resting",
      },
    ],
    tests: ['test/unit/background/refund-sender.test.ts'],
    caughtBy: 'that the database refuses rests',
  },
  {
    class: 'edge runtime',
    name: 'a value that the storage refuses ends the object',
    patches: [
      {
        file: 'src/edge/object/committer.ts',
        search: 'if (!outcome) throw error;',
        replace: 'if (outcome || !outcome) throw error;',
      },
    ],
    tests: ['test/edge/failed-command.test.ts'],
    caughtBy: 'a field that is null',
    message: 'SyntaxError|AssertionError',
  },
  {
    class: 'edge runtime',
    name: 'the alarm goes off again at once after a command that the storage refuses',
    patches: [
      {
        file: 'src/edge/object/database.ts',
        search: 'Math.max(next, restsUntil)',
        replace: 'next',
      },
    ],
    tests: ['test/edge/failed-command.test.ts'],
    caughtBy: 'sells on, rests',
  },
];
