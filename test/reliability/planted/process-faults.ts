/** Faults of a server that dies, stalls or is misled that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const tests = ['test/reliability/process/process-faults.test.ts'];

export const processFaults: readonly Fault[] = [
  {
    class: 'kill -9 at chosen places',
    name: 'the answer leaves a few milliseconds before its COMMIT',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search:
          "  const begin = connection.prepare('BEGIN IMMEDIATE');\n  const commit = connection.prepare('COMMIT');",
        replace: `  const end = () => { if (connection.open && connection.inTransaction) connection.exec('COMMIT'); };
  const begin = { run() { end(); connection.exec('BEGIN IMMEDIATE'); } };
  const commit = { run() { setTimeout(end, 5); } };`,
      },
    ],
    tests,
    caughtBy: 'killed before',
  },
  {
    class: 'kill -9 at chosen places',
    name: 'a key is not kept: who asks again after a crash buys twice',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '      ...key,\n',
        replace: '      idempotencyKey: null,\n      plainKey: null,\n',
      },
    ],
    tests,
    caughtBy: 'killed before',
  },
  {
    class: 'kill -9 at chosen places',
    name: 'a migration that dies on its way leaves half of its tables',
    patches: [
      {
        file: 'src/split/migrate.ts',
        search: "  connection.exec('BEGIN IMMEDIATE');\n",
        replace: '',
      },
      { file: 'src/split/migrate.ts', search: "    connection.exec('COMMIT');\n", replace: '' },
    ],
    tests,
    caughtBy: 'killed in its first migration',
  },
  {
    class: 'kill -9 at chosen places',
    name: 'a refund has another key with each attempt',
    patches: [
      {
        file: 'src/background/refund-sender.ts',
        search: 'const key = keyOf(id, keyNumber);',
        replace: 'const key = keyOf(id, attempts);',
      },
    ],
    tests,
    caughtBy: 'killed while it refunds',
  },
  {
    class: 'kill -9 at chosen places',
    name: 'a webhook is answered before its payment is committed',
    patches: [
      {
        file: 'src/http/payments.ts',
        search: 'const outcome = await submitPayment(reading.event, provider.name, deps);',
        replace: `setTimeout(() => submitPayment(reading.event, provider.name, deps), 20);
    const outcome = { kind: 'payment_recorded', effect: 'paid' };`,
      },
    ],
    tests,
    caughtBy: 'between a payment and its answer',
  },
  {
    class: 'clock jumps',
    name: 'deadlines and quotas go by the wall clock',
    patches: [
      {
        file: 'src/split/system-clock.ts',
        search: 'monotonicMs: () => performance.now(),',
        replace: 'monotonicMs: () => Date.now(),',
      },
    ],
    tests,
    caughtBy: 'clock',
  },
  {
    class: 'clock jumps',
    name: 'a page that was made holds, although the clock was set back',
    patches: [
      {
        file: 'src/database/snapshot.ts',
        search: 'entry.page && now >= entry.page.from && now',
        replace: 'entry.page && now',
      },
    ],
    tests,
    caughtBy: 'clock',
  },
  {
    class: 'long readers',
    name: 'the WAL is never copied',
    patches: [{ file: 'src/split/checkpoint.ts', search: '    startCopy();\n', replace: '' }],
    tests,
    caughtBy: 'reader',
  },
  {
    class: 'stalls',
    name: 'who is at the writer waits for as long as the writer takes',
    patches: [
      {
        file: 'src/split/writer-queue.ts',
        search:
          "    for (const waiting of this.#inFlight ?? []) waiting.resolve({ kind: 'outcome_unknown' });\n",
        replace: '',
      },
    ],
    tests,
    caughtBy: 'whose writer stalls',
  },
  {
    class: 'two programs on one file',
    name: 'a lock that another program keeps ends the server',
    patches: [
      {
        file: 'src/split/file-busy.ts',
        search: 'throw isBusy ? new FileBusyError() : error;',
        replace: 'throw error;',
      },
    ],
    tests,
    caughtBy: 'waits for a lock',
  },
  {
    class: 'two programs on one file',
    name: 'a second server starts on a file that has one',
    patches: [
      {
        file: 'src/split/server-lock.ts',
        search: '    const release = takeLock(lockFile);',
        replace: '    const release = takeLock(lockFile + process.pid);',
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    caughtBy: 'a second one is refused',
  },
  {
    class: 'two programs on one file',
    name: 'a second server starts on a hard link of a file that has one',
    patches: [
      {
        file: 'src/split/other-names.ts',
        search: '  if (namesOf(realFile) < 2) return () => undefined;',
        replace: '  if (namesOf(realFile) < 9) return () => undefined;',
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    caughtBy: 'hard link',
  },
  {
    class: 'two programs on one file',
    name: 'a hard link serves without the last orders, which are in the log of the other name',
    patches: [
      {
        file: 'src/split/other-names.ts',
        search: '    refuseBesideLog(realFile);\n',
        replace: '',
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    caughtBy: 'a hard link without the log',
  },
  {
    class: 'two programs on one file',
    name: 'a removed lock file lets a second server start',
    patches: [
      {
        file: 'src/split/writer-thread.ts',
        search: '        lock.keep();\n',
        replace: '',
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    caughtBy: 'after the lock file was removed',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'a stop cuts off who is still asking',
    patches: [
      {
        file: 'src/runtime/node.ts',
        search: 'setTimeout(() => server.closeAllConnections(), deadlineMs);',
        replace: 'setTimeout(() => server.closeAllConnections(), 0);',
      },
    ],
    tests: ['test/contract/first-run/shutdown.test.ts'],
    caughtBy: 'on node a request under way',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'an older version serves a file of a newer one',
    patches: [
      {
        file: 'src/split/migrate.ts',
        search: '  if (applied.some((when) => !known.has(Number(when)))) {',
        replace: '  if (applied.length < known.size - 99) {',
      },
    ],
    tests,
    caughtBy: 'upgraded',
  },
  {
    class: 'backups under load',
    name: 'a backup is a copy of the file without its WAL',
    patches: [
      {
        file: 'src/database/sqlite/backup.ts',
        search: "    live.prepare('vacuum into ?').run(partial);",
        replace: "    process.getBuiltinModule('node:fs').copyFileSync(file, partial);",
      },
    ],
    tests,
    caughtBy: 'backed up',
  },
  {
    class: 'backups under load',
    name: 'a backup has its name before it is whole',
    patches: [
      {
        file: 'src/database/sqlite/backups.ts',
        search: 'const partial = partialName(this.#clock.now(), process.pid);',
        replace: "const partial = partialName(this.#clock.now(), process.pid).replace('.partial', '.db');",
      },
    ],
    tests,
    caughtBy: 'killed during a backup',
  },
];
