/** Faults of a server that dies, stalls or is misled that this house must never have, each with the tests that must notice it. */
import type { Fault } from './stock-faults.ts';

const sqlite = 'src/database/sqlite';
const tests = ['test/fault/process/process-faults.test.ts'];

const swallowed = {
  file: 'src/runtime/start.ts',
  search: 'const FAULT_EXIT_CODE = 70;',
  replace: 'const FAULT_EXIT_CODE = 0;',
};

export const processFaults: readonly Fault[] = [
  {
    class: 'kill -9 at chosen places',
    name: 'the answer leaves a few milliseconds before its COMMIT',
    patches: [
      {
        file: `${sqlite}/commit-batch.ts`,
        search:
          "  const begin = connection.prepare('BEGIN IMMEDIATE');\n  const commit = connection.prepare('COMMIT');",
        replace: `  const end = () => { if (connection.open && connection.inTransaction) connection.exec('COMMIT'); };
  const begin = { run() { end(); connection.exec('BEGIN IMMEDIATE'); } };
  const commit = { run() { setTimeout(end, 5); } };`,
      },
    ],
    tests,
    only: 'killed before',
  },
  {
    class: 'kill -9 at chosen places',
    name: 'a key is not kept: who asks again after a crash buys twice',
    patches: [
      {
        file: 'src/http/purchase.ts',
        search: '      idempotencyKey: key,\n',
        replace: '      idempotencyKey: null,\n',
      },
    ],
    tests,
    only: 'killed before',
  },
  {
    class: 'clock jumps',
    name: 'deadlines and quotas go by the wall clock',
    patches: [
      {
        file: 'src/runtime/system-clock.ts',
        search: 'monotonicMs: () => performance.now(),',
        replace: 'monotonicMs: () => Date.now(),',
      },
    ],
    tests,
    only: 'clock',
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
    only: 'clock',
  },
  {
    class: 'long readers',
    name: 'the WAL is never copied',
    patches: [{ file: `${sqlite}/checkpoint.ts`, search: '    startCopy();\n', replace: '' }],
    tests,
    only: 'reader',
  },
  {
    class: 'stalls',
    name: 'who is at the writer waits for as long as the writer takes',
    patches: [
      {
        file: `${sqlite}/writer-queue.ts`,
        search: "if (waiting.deadlineMs <= nowMs) waiting.resolve({ kind: 'outcome_unknown' });",
        replace: '',
      },
    ],
    tests,
    only: 'stalls',
  },
  {
    class: 'threads that die',
    name: 'the end of a process that has lost its writer looks like a wanted one',
    patches: [swallowed],
    tests,
    only: 'loses its writer',
  },
  {
    class: 'out of memory',
    name: 'the end of a process whose writer ran out of memory looks like a wanted one',
    patches: [swallowed],
    tests,
    only: 'out of memory',
  },
  {
    class: 'two programs on one file',
    name: 'a lock that another program keeps ends the server',
    patches: [
      {
        file: `${sqlite}/file-busy.ts`,
        search: 'throw isBusy ? new FileBusyError() : error;',
        replace: 'throw error;',
      },
    ],
    tests,
    only: 'waits for a lock',
  },
  {
    class: 'two programs on one file',
    name: 'a second server starts on a file that has one',
    patches: [
      {
        file: `${sqlite}/server-lock.ts`,
        search: '  const release = takeLock(lockFileOf(file));',
        replace: '  const release = takeLock(lockFileOf(file) + process.pid);',
      },
    ],
    tests: ['test/contract/one-server.test.ts'],
    only: 'a second one is refused',
  },
  {
    class: 'rolling restarts and upgrades',
    name: 'an older version serves a file of a newer one',
    patches: [
      {
        file: `${sqlite}/migrate.ts`,
        search: '  if (applied.some((when) => !known.has(Number(when)))) {',
        replace: '  if (applied.length < known.size - 99) {',
      },
    ],
    tests,
    only: 'upgraded',
  },
  {
    class: 'backups under load',
    name: 'a backup is a copy of the file without its WAL',
    patches: [
      {
        file: `${sqlite}/backup.ts`,
        search: "    live.prepare('vacuum into ?').run(partial);",
        replace: "    process.getBuiltinModule('node:fs').copyFileSync(file, partial);",
      },
    ],
    tests,
    only: 'backed up',
  },
];
