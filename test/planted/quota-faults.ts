/** Faults of a quota on the disk that this house must never have, each with the tests on a failing disk that must notice it. */
import type { Fault } from './fault.ts';

const sqlite = 'src/database/sqlite';
const io = ['test/fault/disk/io-errors.test.ts'];

export const quotaFaults: readonly Fault[] = [
  {
    class: 'I/O errors',
    name: 'every failed write counts as a lack of room',
    patches: [
      {
        file: `${sqlite}/disk-full.ts`,
        search: "error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name)",
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
        file: `${sqlite}/disk-full.ts`,
        search: " || (error.code === 'SQLITE_IOERR_WRITE' && isQuotaUsedUp(name))",
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
        file: `${sqlite}/reserve-shm.ts`,
        search: ' || error.errno === -EDQUOT',
        replace: '',
      },
    ],
    tests: ['test/fault/disk/full-shm.test.ts'],
    caughtBy: 'on node sells on',
  },
];
