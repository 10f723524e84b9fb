/** Says which suite runs: `quick` is `npm test`; everything else is the whole suite or its rest. */
const isQuick = process.env.TEST_SUITE === 'quick';

/** A size that the quick suite reduces. */
export const sized = <T>(whole: T, quick: T): T => (isQuick ? quick : whole);

/**
 * Whether the quick suite has run these files on Node before: set by the project of
 * vitest.config.ts that runs them again.
 */
export const isAfterQuick = process.env.TEST_AFTER_QUICK === 'true';

const choice = (...names: string[]): string => `{${names.join(',')}}`;

/** Slow unit tests, by name: only the whole suite runs them. */
const longUnits = [
  'alerts',
  'long-reads',
  'mail',
  'refund-sender',
  'secret-strength',
  'start-refusals',
  'webhooks',
];
const longUnitsOfSplit = ['command-functions', 'kill', 'linked', 'migrations', 'refusals', 'undone-commits'];

/** What the quick suite omits, by file pattern. */
export const longUnitTests = {
  'test/unit/bench/*.test.ts': 'the programs of bench/',
  [`test/unit/**/${choice(...longUnits)}.test.ts`]:
    'alerts, reads, e-mails, webhooks, refunds, secrets and starts that take long',
  [`test/unit/split/${choice(...longUnitsOfSplit)}.test.ts`]:
    'the split: kills, links, migrations and refusals',
};
export const longServerTests = {
  'test/browser/!(one-purchase).test.ts':
    'buyers and operators in a browser, and axe on every page, on Node and workerd',
  'test/contract/{backup,cli-files,cli-keys,cli-money,cli-server,load-test}.test.ts':
    'the command line against a file and a server, backups and load tests of a running server',
  'test/contract/{http-threads,one-server}.test.ts': 'several HTTP threads, and two servers on one file',
  'test/contract/{lost-names,cli-restored-tokens,late-mail}.test.ts':
    'restores and lost commits, played through, and mailboxes that refuse for days',
  'test/contract/{shared-account,unreadable-answers,stored-keys}.test.ts':
    'two shops on one provider account, providers that answer nonsense, and keys of earlier versions',
  'test/contract/{admin-audit,dashboard-session,listed-orders,mail-bounds,methods,outbound,outside-money,stripe,unpaid-units}.test.ts':
    'audits, lists, sessions, mail and Stripe at length, and the quota of unpaid units',
  'test/contract/{file-modes,stripe-answers,traces,unfinished-deletions,unpayable}.test.ts':
    'file modes, errors that Stripe replays, traces, deletions on a full disk, drops that cannot be charged',
  'test/contract/{cli-moved-drop,moved-money}.test.ts': 'drops that move with their payments',
  'test/contract/first-run/dev-worker.test.ts': 'the Worker in development, by wrangler',
  'test/contract/package/**/*.test.ts':
    'the package, installed in an empty folder on Node and Bun, and the single executable',
  'test/edge/**/*.test.ts': 'drops at the edge: shards, moves, faults, the model in workerd',
  'test/reliability/{kill,disk/*,process/*}.test.ts':
    'killed servers, failing disks, power loss, moved clocks',
  'test/reliability/history/**/*.test.ts': 'histories of crowds, checked for linearizability',
  'test/security/**/*.test.ts': 'hostile input, fuzzing, slow clients, memory, personal data in logs',
  'test/{property,unit/split}/on-bun.test.ts': 'the models and the library on Bun',
};
const longCrowds = { 'test/reliability/crowd/load-test.test.ts': 'a load test that is GO' };
const sum = { 'test/contract/sum/*.test.ts': 'the sum: every documented answer has occurred in a test' };
export const onlyInWhole = { ...longUnitTests, ...longServerTests, ...longCrowds, ...sum };

/** A short check of `npm test`, which the rest contains at length. */
export const onlyInQuick = ['test/contract/runtimes.test.ts'];

/** Unit tests and properties that `npm test` runs at a smaller size. */
export const sizedTests = [
  'test/unit/split/thread.test.ts',
  'test/property/!(on-bun).test.ts',
  'test/reliability/{audit,judge}.test.ts',
];
