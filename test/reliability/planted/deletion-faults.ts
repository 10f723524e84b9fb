/** Full disks: deletions that stay unfinished, the index of the log, and what deploy/ lets the server write, with the tests that must notice each fault. */
import type { Fault } from './fault.ts';

const forget = 'test/unit/database/sqlite/forget.test.ts';
const deployFiles = 'test/unit/repository/deploy-files.test.ts';
const contract = 'test/contract/unfinished-deletions.test.ts';
const file = 'src/database/sqlite/forget.ts';
const start = 'src/runtime/open-database.ts';

const rows: readonly [name: string, patches: Fault['patches'], test: string, caughtBy: string][] = [
  [
    'a deletion that a start had no room to finish is forgotten',
    [
      {
        file,
        search: 'unable.has(error.code)) return;',
        replace: "unable.has(error.code)) return void connection.pragma('user_version = 0');",
      },
    ],
    forget,
    'waits for a start that has room',
  ],
  [
    'a deletion counts as finished while its pages are still in the file',
    [{ file, search: 'if (copied?.busy === 0) ', replace: 'if (copied) ' }],
    forget,
    'waits for a start that has room',
  ],
  [
    'each deletion hides how long the first one has waited',
    [{ file, search: 'if (owedSince(connection) !== 0) return;', replace: '' }],
    forget,
    'waits for a start that has room',
  ],
  [
    'a start that could not finish a deletion keeps silent',
    [
      {
        file: start,
        search: 'warnOfUnfinishedDeletions(linkedDatabaseSettings(config).connection, log);',
        replace: '',
      },
      {
        file: start,
        search: "import { warnOfUnfinishedDeletions } from './unfinished-deletions.ts';",
        replace: '',
      },
    ],
    contract,
    'on node shows in log and metrics',
  ],
  [
    'a container rewrites the database through its memory',
    [
      {
        file: 'deploy/Dockerfile',
        search: 'SQLITE_TMPDIR=/data \\\n    HOST',
        replace: 'SQLITE_TMPDIR=/tmp \\\n    HOST',
      },
    ],
    deployFiles,
    'a container keeps temporary copies',
  ],
  [
    'systemd keeps the server from the folder of backups',
    [{ file: 'deploy/stampede.service', search: 'ReadWritePaths=-/mnt/backups', replace: '' }],
    deployFiles,
    'the unit may write every folder of backups',
  ],
];

const indexFaults: readonly Fault[] = (
  [
    [
      'a start leaves the index of the log as it is',
      'src/split/writer-thread.ts',
      'if (!reserveIndex(connection, file)) links.setSpace(false);',
      '',
      'has its place once a store is open',
    ],
    [
      'the index of the log has its size, and no place on the disk',
      'src/split/reserve-shm.ts',
      "fs.writeSync(index, '\\\\0', at + 4095);",
      'fs.ftruncateSync(index, Number(bytes));',
      'is as large as the longest log needs',
    ],
  ] as const
).map(
  ([name, file, search, replace, caughtBy]): Fault => ({
    class: 'a full disk',
    name,
    patches: [{ file, search, replace }],
    tests: ['test/unit/split/reserve-shm.test.ts'],
    caughtBy,
  }),
);

export const deletionFaults: readonly Fault[] = indexFaults.concat(
  rows.map(
    ([name, patches, test, caughtBy]): Fault => ({
      class: 'personal data',
      name,
      patches,
      tests: [test],
      caughtBy,
    }),
  ),
);
