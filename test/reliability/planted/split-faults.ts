/** Faults of the split as a library that this house must never have, each with the test that must notice it. */
import type { Fault } from './fault.ts';

const of = 'stock, limits and money';
const library = ['test/unit/split/open-split.test.ts'];
const commands = ['test/unit/split/command-functions.test.ts'];
const transactions = ['test/unit/split/transaction.test.ts'];
const parallel = ['test/unit/split/parallel.test.ts'];
const refusals = ['test/unit/split/refusals.test.ts'];

export const splitFaults: readonly Fault[] = [
  {
    class: of,
    name: 'an error of SQLite comes back without its code',
    patches: [
      {
        file: 'src/split/errors.ts',
        search:
          "return 'code' in error && typeof error.code === 'string' ? { ...sent, code: error.code } : sent;",
        replace: 'return sent;',
      },
    ],
    tests: library,
    caughtBy: 'that break a constraint fail alone',
  },
  {
    class: of,
    name: 'a value that SQLite can not store reaches the batch of others',
    patches: [
      {
        file: 'src/split/remote-session.ts',
        search: '  mustBeStorable(params);\n',
        replace: '',
      },
    ],
    tests: library,
    caughtBy: 'of a value that SQLite can not store fail alone and early',
  },
  {
    class: of,
    name: 'a command that throws keeps what it has written',
    patches: [
      {
        file: 'src/split/command-functions.ts',
        search: '      rollBack.run();\n',
        replace: '',
      },
    ],
    tests: commands,
    caughtBy: 'that throws does nothing, alone',
  },
  {
    class: of,
    name: 'a command that returns a promise is committed',
    patches: [
      {
        file: 'src/split/command-functions.ts',
        search: "if (typeof (output as PromiseLike<unknown>).then === 'function') {",
        replace: "if (typeof output === 'string') {",
      },
    ],
    tests: commands,
    caughtBy: 'that returns what it may not',
    message: 'OutcomeUnknownError',
  },
  {
    class: of,
    name: 'a command can end the commit of others',
    patches: [
      {
        file: 'src/split/inside-call.ts',
        search: '    if (!isSavepoint(sql)) mustStayInside(sql);\n',
        replace: '',
      },
    ],
    tests: commands,
    caughtBy: 'can not end the commit of others',
    message: '',
  },
  {
    class: of,
    name: 'a module with an async command is opened',
    patches: [
      {
        file: 'src/split/load-commands.ts',
        search: "if (Object.prototype.toString.call(command) !== '[object Function]') {",
        replace: "if (typeof command !== 'function') {",
      },
    ],
    tests: refusals,
    caughtBy: 'a commands module that is wrong is named',
  },
  {
    class: of,
    name: 'an option that is not known is ignored',
    patches: [
      {
        file: 'src/split/split-options.ts',
        search: '    if (Object.hasOwn(rules, name)) continue;\n',
        replace: '    if (Object.hasOwn(rules, name) || name !== "") continue;\n',
      },
    ],
    tests: refusals,
    caughtBy: 'an option that is wrong is named',
  },
  {
    class: of,
    name: 'a transaction may stay open for ever',
    patches: [
      {
        file: 'src/split/writer-transactions.ts',
        search: "() => this.#rollBack('timed_out')",
        replace: '() => undefined',
      },
    ],
    tests: transactions,
    caughtBy: 'is rolled back, and its callback is left to itself',
  },
  {
    class: of,
    name: 'a batch is committed with what an open transaction has written',
    patches: [
      {
        file: 'src/split/writer-thread.ts',
        search: '    while (!transactions.isOpen) {',
        replace: '    while (true) {',
      },
      {
        file: 'src/split/writer-queue.ts',
        search: 'if (this.#inFlight !== null || this.#isHeld || ',
        replace: 'if (this.#inFlight !== null || ',
      },
    ],
    tests: transactions,
    caughtBy: 'keeps other writes waiting',
    message: '',
  },
  {
    class: 'overload',
    name: 'a write that waits for a transaction is called unknown',
    patches: [
      {
        file: 'src/split/writer-queue.ts',
        search: 'if (this.#inFlight !== null || this.#isHeld || ',
        replace: 'if (this.#inFlight !== null || ',
      },
    ],
    tests: transactions,
    caughtBy: 'makes those that wait overloaded',
  },
  {
    class: of,
    name: 'the next transaction begins before the writes that wait',
    patches: [
      {
        file: 'src/split/writer-queue.ts',
        search: '    if (!isHeld) this.#postNext();\n',
        replace: '    if (!isHeld) this.#schedulePost();\n',
      },
    ],
    tests: transactions,
    caughtBy: 'keeps other writes waiting',
  },
  {
    class: of,
    name: 'close does not wait for an open transaction',
    patches: [
      {
        file: 'src/split/linked-split.ts',
        search: '[this.#queue.drain(), this.#transactions.drain(), ',
        replace: '[this.#queue.drain(), ',
      },
    ],
    tests: transactions,
    caughtBy: 'close waits for a transaction',
    message: '',
  },
  {
    class: of,
    name: 'a read thread reads an older state than its caller has written',
    patches: [
      {
        file: 'src/split/read-thread.ts',
        search: '  if (statements.length === 1) return',
        replace:
          "  if (!connection.inTransaction) connection.exec('begin');\n  if (statements.length === 1) return",
      },
    ],
    tests: parallel,
    caughtBy: 'see every write that had resolved before them',
    message: '',
  },
  {
    class: 'overload',
    name: 'more readers are opened than there may be',
    patches: [
      {
        file: 'src/split/read-threads.ts',
        search: 'Math.min(readers - 1, ',
        replace: 'Math.max(readers - 1, ',
      },
      {
        file: 'src/split/reader-pool.ts',
        search: '    if (this.open >= this.#max) return false;\n',
        replace: '',
      },
    ],
    tests: parallel,
    caughtBy: 'is never exceeded',
  },
  {
    class: of,
    name: 'what would write reaches the connection of a read thread',
    patches: [
      {
        file: 'src/split/read-statements.ts',
        search: 'if (!prepared.readonly) throw',
        replace: 'if (prepared.busy) throw',
      },
    ],
    tests: parallel,
    caughtBy: 'is refused',
    message: '',
  },
  {
    class: 'several HTTP threads',
    name: 'a turn that has read does not read what another thread writes',
    patches: [
      {
        file: 'src/split/turn-reader.ts',
        search: '    if (mayBeOld && latest() !== begunAt) end();\n',
        replace: '',
      },
    ],
    tests: ['test/unit/split/linked.test.ts'],
    caughtBy: 'are seen also in a turn that has read before',
    message: '',
  },
  {
    class: 'several HTTP threads',
    name: 'a transaction that is rolled back hides what another process has committed',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '      rollingBack(() => beginWhereFree(() => begin.run()));\n',
        replace:
          '      rollingBack(() => beginWhereFree(() => begin.run()));\n      seenVersion = dataVersion.get();\n',
      },
    ],
    tests: ['test/unit/database/sqlite/disk-full.test.ts'],
    caughtBy: 'before a transaction that was rolled back',
  },
];
