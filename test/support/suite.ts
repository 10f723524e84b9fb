/** Says which suite runs: `quick` is `npm test`; everything else is the whole suite. */
const isQuick = process.env.TEST_SUITE === 'quick';

/** A size that the quick suite reduces. */
export const sized = <T>(whole: T, quick: T): T => (isQuick ? quick : whole);

/** Slow unit tests, by name: only the whole suite runs them. */
const longUnits = 'alerts|long-reads|refund-sender|secret-strength|start-refusals';
const longUnitsOfSplit = 'command-functions|kill|linked|migrations|refusals|undone-commits';
const choice = (names: string): string => `{${names.replaceAll('|', ',')}}`;

/** What the quick suite omits, by file pattern. */
export const onlyInWhole = {
  'test/browser/**': 'buyers and operators in a browser, and axe on every page, on Node, Bun and workerd',
  'test/contract/{backup,cli-files,cli-keys,cli-money,cli-server,load-test}.test.ts':
    'the command line against a file and a server, backups and load tests of a running server',
  'test/contract/{http-threads,one-server}.test.ts': 'several HTTP threads, and two servers on one file',
  'test/contract/{lost-names,cli-restored-tokens,late-mail}.test.ts':
    'restores and lost commits, played through, and mailboxes that refuse for days',
  'test/contract/{shared-account,unreadable-answers,stored-keys}.test.ts':
    'two shops on one provider account, providers that answer nonsense, and keys of earlier versions',
  'test/contract/{admin-audit,dashboard-session,listed-orders,mail-bounds,methods,outbound,outside-money,stripe,unpaid-units}.test.ts':
    'audits, lists, sessions, mail and Stripe at length, and the quota of unpaid units',
  'test/contract/traces.test.ts': 'traces to a collector',
  'test/crowd/load-test.test.ts': 'a load test that is GO',
  'test/first-run/dev-worker.test.ts': 'the Worker in development, by wrangler',
  'test/edge/**': 'drops at the edge: shards, moves, faults, the model in workerd',
  'test/fault/{kill,disk/*,process/*}.test.ts': 'killed servers, failing disks, power loss, moved clocks',
  'test/history/**': 'histories of crowds, checked for linearizability',
  'test/package/**': 'the package, installed in an empty folder on Node and Bun, and the single executable',
  'test/runtimes/**': 'the models on Bun',
  'test/security/**': 'hostile input, fuzzing, slow clients, memory, personal data in logs',
  'test/unit/bench/**': 'the programs of bench/',
  [`test/unit/${choice(longUnits)}.test.ts`]: 'alerts, reads, refunds, secrets and starts that take long',
  [`test/unit/split/${choice(longUnitsOfSplit)}.test.ts`]: 'the split: kills, links, migrations and refusals',
  'test/sum/**': 'the sum: every documented answer has occurred in a test',
};

/** Files that both suites run identically: CI runs them once, in `npm test`. */
export const sameInQuick = [
  `test/unit/!(${longUnits}|thread).test.ts`,
  `test/unit/split/!(${longUnitsOfSplit}).test.ts`,
  'test/unit/{api,cli,load-test}/**',
];
