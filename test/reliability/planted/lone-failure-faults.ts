/** Faults by which one caller of the split would harm the others, or a deployment its rows, each with the test that must notice it. */
import type { Fault } from './fault.ts';

const of = 'stock, limits and money';
const commands = ['test/unit/split/command-functions.test.ts'];
const undone = ['test/unit/split/undone-commits.test.ts'];
const migrations = ['test/unit/split/migrations.test.ts'];

export const loneFailureFaults: readonly Fault[] = [
  {
    class: of,
    name: 'what SQLite refuses at the COMMIT ends the writer',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '        return commitApart(batch, now);\n',
        replace: '        throw error;\n',
      },
    ],
    tests: undone,
    caughtBy: 'fails its statement alone',
    message: '',
  },
  {
    class: of,
    name: 'what is behind a command that failed at the COMMIT fails with it',
    patches: [
      {
        file: 'src/split/commit-in-parts.ts',
        search: '...inParts(part.slice(middle))',
        replace: '...part.slice(middle).map(() => failure)',
      },
    ],
    tests: undone,
    caughtBy: 'fails its statement alone',
    message: '',
  },
  {
    class: of,
    name: 'a transaction that SQLite has rolled back ends the writer',
    patches: [
      {
        file: 'src/split/writer-transactions.ts',
        search: "(isStatementError(error) ? 'rolled_back' : null)",
        replace: 'null',
      },
    ],
    tests: undone,
    caughtBy: 'rolls back a transaction',
    message: '',
  },
  {
    class: of,
    name: 'a migration that recreates a table deletes the rows that refer to it',
    patches: [
      {
        file: 'src/split/migrate.ts',
        search: "  connection.pragma('foreign_keys = OFF');\n",
        replace: '',
      },
    ],
    tests: migrations,
    caughtBy: 'without the loss of the rows',
  },
  {
    class: of,
    name: 'a migration that came late is skipped without a word',
    patches: [
      {
        file: 'src/split/migrate.ts',
        search: '  if (!skipped) return lacking;\n',
        replace: '  if (lacking) return lacking;\n',
      },
    ],
    tests: migrations,
    caughtBy: 'older than the last one',
  },
  {
    class: of,
    name: 'an output changes on its way to its caller',
    patches: [
      {
        file: 'src/split/command-functions.ts',
        search: '    return structuredClone(output);\n',
        replace: '    structuredClone(output);\n    return output;\n',
      },
    ],
    tests: commands,
    caughtBy: 'what its output was when it returned',
    message: '',
  },
];
