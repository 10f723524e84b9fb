/** Faults of a writer on a failing disk that this house must never have, each with the tests that must notice it. */
import type { Fault } from './fault.ts';

const power = ['test/reliability/disk/power-loss.test.ts'];
const io = ['test/reliability/disk/io-errors.test.ts'];
const server = ['test/reliability/disk/server-faults.test.ts'];

export const diskFaults: readonly Fault[] = [
  {
    class: 'power loss',
    name: 'the writer does not wait for the disk (NORMAL), and the power fails',
    patches: [
      {
        file: 'src/split/connection.ts',
        search: "same('synchronous', level),\n    same('foreign_keys', 1),\n    //",
        replace: "same('synchronous', 1),\n    same('foreign_keys', 1),\n    //",
      },
    ],
    tests: power,
    caughtBy: 'FULL',
  },
  {
    class: 'power loss',
    name: 'a restart after a failed fsync goes on behind what that one has lost',
    patches: [
      {
        file: 'src/split/open-file.ts',
        search: '    settleLog(connection, ',
        replace: "    if (settings.file === '') settleLog(connection, ",
      },
    ],
    tests: power,
    caughtBy: 'failed fsync',
  },
  {
    class: 'power loss',
    name: 'a restart after a failed fsync copies from a log that may be in memory only',
    patches: [
      {
        file: 'src/split/open-file.ts',
        search: '    writeAgain(log);',
        replace: "    if (log === '') writeAgain(log);",
      },
    ],
    tests: power,
    caughtBy: 'failed fsync',
  },
  {
    class: 'power loss',
    name: 'a first start that was cut off can never be made again',
    patches: [
      {
        file: 'src/split/migrate.ts',
        search: 'if (!wasCutOffAtFirstStart(file, error)) throw error;',
        replace: 'if (error !== wasCutOffAtFirstStart) throw error;',
      },
    ],
    tests: ['test/unit/database/sqlite/migrate.test.ts'],
    caughtBy: 'at the first page of a new file is made again',
  },
  {
    class: 'I/O errors',
    name: 'the answer leaves before the commit, and the commit fails',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '    commit.run();\n    const endedMs',
        replace: `        try {
          commit.run();
        } catch {
          // It was answered already.
        }
        const endedMs`,
      },
    ],
    tests: io,
    caughtBy: 'each operation',
  },
  {
    class: 'I/O errors',
    name: 'a copy of the WAL whose fsync fails is no fault',
    patches: [
      {
        file: 'src/split/disk-full.ts',
        search: '    if (!isDiskFull(error, connection)) throw error;',
        replace: "    if (!isDiskFull(error, connection) && !String(error).includes('I/O')) throw error;",
      },
    ],
    tests: io,
    caughtBy: 'at an fsync',
  },
  {
    class: 'I/O errors',
    name: 'a failed fsync counts as a lack of room',
    patches: [
      {
        file: 'src/split/disk-full.ts',
        search: "error.code === 'SQLITE_FULL'",
        replace: "(error.code === 'SQLITE_FULL' || error.code === 'SQLITE_IOERR_FSYNC')",
      },
    ],
    tests: io,
    caughtBy: 'at an fsync',
  },
  {
    class: 'a full disk',
    name: 'a commit that found no room is answered as done',
    patches: [
      {
        file: 'src/split/group-commit.ts',
        search: '    commit.run();\n    const endedMs',
        replace: `        try {
          commit.run();
        } catch (error) {
          if (!isDiskFull(error, connection)) throw error;
        }
        const endedMs`,
      },
    ],
    tests: io,
    caughtBy: 'each operation',
  },
  {
    class: 'a full disk',
    name: 'a full disk ends the process',
    patches: [
      {
        file: 'src/split/writer-thread.ts',
        search: "if (why === 'disk_full') links.setSpace(false);",
        replace: "if (why === 'disk_full') throw error;",
      },
    ],
    tests: server,
    caughtBy: 'full disk',
  },
  {
    class: 'a full disk',
    name: 'the writer never checks for free disk space again',
    patches: [
      {
        file: 'src/split/writer-thread.ts',
        search: 'if (groupCommit.hasSpace() && reserveIndex(connection, file)) links.setSpace(true);',
        replace: '',
      },
    ],
    tests: server,
    caughtBy: 'full disk',
  },
  {
    class: 'a slow disk',
    name: 'each order has a commit of its own',
    patches: [
      {
        file: 'src/split/writer-queue.ts',
        search: 'while (batch.length < this.#settings.batchMax) {',
        replace: 'while (batch.length < Math.min(1, this.#settings.batchMax)) {',
      },
    ],
    tests: server,
    caughtBy: 'commits larger',
  },
  {
    class: 'a slow disk',
    name: 'who waits in the queue waits as long as it takes',
    patches: [
      {
        file: 'src/split/writer-queue.ts',
        search: 'return this.#at(priority).length >= this.#settings.queueMax;',
        replace: 'return this.#at(priority).length < 0;',
      },
      {
        file: 'src/split/writer-queue.ts',
        search: 'next && next.deadlineMs <= nowMs;',
        replace: 'next && next.deadlineMs <= 0 * nowMs;',
      },
    ],
    tests: server,
    caughtBy: 'answers a crowd',
  },
  {
    class: 'files that go away',
    name: 'a writer goes on with a file that was removed',
    patches: [
      {
        file: 'src/split/file-in-place.ts',
        search: 'if (look(path)?.ino !== inode) throw',
        replace: 'if (look(path)?.ino === 0) throw',
      },
    ],
    tests: server,
    caughtBy: 'file is removed',
  },
  {
    class: 'files that go away',
    name: 'a start without its file makes a new one and throws the log away',
    patches: [
      {
        file: 'src/split/file-in-place.ts',
        search: 'if (!found?.size && look',
        replace: "if (file === '' && look",
      },
    ],
    tests: server,
    caughtBy: 'file is removed',
  },
  {
    class: 'files that go away',
    name: 'whoever opens an empty file removes the log beside it',
    patches: [
      {
        file: 'src/split/file-in-place.ts',
        search: 'if (!found?.size && look',
        replace: 'if (!found && look',
      },
    ],
    tests: ['test/unit/split/file-in-place.test.ts', ...server],
    caughtBy: 'empty',
  },
  {
    class: 'files that go away',
    name: 'a file that came while it was being opened is taken for the one that was there',
    patches: [
      {
        file: 'src/split/file-in-place.ts',
        search: 'if (found && look(file)?.ino !== found.ino) {',
        replace: 'if (found && look(file)?.ino === 0) {',
      },
    ],
    tests: ['test/unit/split/file-in-place.test.ts'],
    caughtBy: 'a file that comes while the name is opened',
  },
  {
    class: 'files that go away',
    name: 'orders are taken before the thread that copies the log has its file',
    patches: [
      {
        file: 'src/split/writer-thread.ts',
        search: '    }),\n  );\n}',
        replace: "    }),\n  );\n  send({ kind: 'opened' });\n}",
      },
    ],
    tests: ['test/unit/database/sqlite/sqlite-store.test.ts'],
    caughtBy: 'has opened',
  },
];
