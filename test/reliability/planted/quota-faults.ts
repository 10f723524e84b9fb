/** Faults of a quota on the disk that this house must never have, each with the tests on a failing disk that must notice it. */
import type { Fault } from './fault.ts';

const io = ['test/reliability/disk/io-errors.test.ts'];
const quota = ['test/reliability/disk/quota.test.ts'];

export const quotaFaults: readonly Fault[] = [
  {
    class: 'I/O errors',
    name: 'every failed write counts as a lack of room',
    patches: [
      {
        file: 'src/split/disk-full.ts',
        search: "error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name, freed)",
        replace: "error.code === 'SQLITE_IOERR_WRITE'",
      },
    ],
    tests: io,
    caughtBy: 'each operation',
  },
  {
    class: 'a full disk',
    name: 'a used-up quota ends the process',
    patches: [
      {
        file: 'src/split/disk-full.ts',
        search: " || (error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name, freed))",
        replace: '',
      },
    ],
    tests: io,
    caughtBy: 'each operation',
  },
  {
    class: 'a full disk',
    name: 'an index of the log that a quota refuses counts as reserved',
    patches: [
      {
        file: 'src/split/reserve-shm.ts',
        search: ' || error.errno === -EDQUOT',
        replace: '',
      },
    ],
    tests: ['test/reliability/disk/full-shm.test.ts'],
    caughtBy: 'on node sells on',
  },
  {
    class: 'a full disk',
    name: 'a backup that meets a quota is an error of the disk',
    patches: [
      {
        file: 'src/database/sqlite/backup.ts',
        search: 'if (!isDiskFull(error, { name: partial }, total)) throw error;',
        replace: "if (!String(error).includes('full')) throw error;",
      },
    ],
    tests: quota,
    caughtBy: 'a quota that is used up is a full disk to backups and deletions',
  },
  {
    class: 'a full disk',
    name: 'a quota counts as free once SQLite has emptied the copy',
    patches: [
      {
        file: 'src/database/sqlite/backup.ts',
        search: '{ name: partial }, total)',
        replace: '{ name: partial }, 0 * total)',
      },
    ],
    tests: quota,
    caughtBy: 'a quota that is used up is a full disk to backups and deletions',
  },
  {
    class: 'a full disk',
    name: 'a sum that meets a quota is an error of the disk',
    patches: [{ file: 'src/database/sqlite/backup.ts', search: 'isOverQuota(error) || ', replace: '' }],
    tests: quota,
    caughtBy: 'a quota that is used up is a full disk to backups and deletions',
  },
  {
    class: 'a full disk',
    name: 'a quota that is used up keeps a server from starting after a deletion',
    patches: [
      {
        file: 'src/database/sqlite/forget.ts',
        search: 'if (isDiskFull(error, connection, bytes)) return;',
        replace: "if (isDiskFull(error, connection, bytes) && !String(error).includes('I/O')) return;",
      },
    ],
    tests: quota,
    caughtBy: 'a quota that is used up is a full disk to backups and deletions',
  },
  {
    class: 'a full disk',
    name: 'a quota counts as free once the copy of a deletion is gone',
    patches: [
      {
        file: 'src/database/sqlite/forget.ts',
        search: 'isDiskFull(error, connection, bytes)',
        replace: 'isDiskFull(error, connection, 0 * bytes)',
      },
    ],
    tests: quota,
    caughtBy: 'a quota that is used up is a full disk to backups and deletions',
  },
];
