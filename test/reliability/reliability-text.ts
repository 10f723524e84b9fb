/** Renders RELIABILITY.md from the counts of the fault tests. */
import { type FaultClass, faultClasses } from './fault-classes.ts';

export interface Count {
  class: FaultClass;
  cases: number;
  seeds: readonly number[];
  violations: number;
  seconds: number;
  /** Any other count by its name. */
  [detail: string]: unknown;
}

export interface Planted {
  class: FaultClass;
  name: string;
  /** `file: full name` of the test whose assertion failed; null when the expected one did not. */
  caughtBy: string | null;
  /** What happened if the fault was not caught. */
  why?: string;
}

/** The recorded run of one commit. */
export interface Run {
  commit: string;
  seed: string;
  /** The deep size; otherwise the size of CI. */
  deep: boolean;
  /** Whether every known fault was planted; otherwise a sample. */
  plantsAll: boolean;
  begunAt: Date;
  minutes: number;
  where: { node: string; cpu: string; cores: number };
}

export interface Reliability {
  counts: readonly Count[];
  planted: readonly Planted[];
  /** Parts that failed, and classes without a case. */
  failed: readonly string[];
  run: Run;
}

/** The meaning of one case of each class. */
const meanings: Readonly<Record<FaultClass, string>> = {
  'rules of the audit':
    'test: each invariant of the audit on a file that breaks it, and the judge of the ledger',
  'stock, limits and money': 'test of one rule: durability settings, routing, limits, webhooks',
  'several HTTP threads': 'test of stores that share a writer',
  'model and schedules':
    'run of random commands against the pure model, or of schedules permuted at each await',
  'linearizable histories':
    'history of a real crowd on Node, Bun or workerd, also with two threads and through a crash',
  'power loss':
    'image of a disk at a random moment of a recorded run, torn and reordered; marks are acknowledgements compared with it, controls are images of disks and settings that must lose data',
  'I/O errors':
    'EIO or ENOSPC at an N-th write or fsync, once or from then on, of a writer (its truncations too), of a whole store, or of a server under load',
  'a full disk': 'server that refuses while the disk is full, and sells again without a restart',
  'a slow disk': 'server under a crowd',
  'files that go away':
    'server whose database, WAL or folder is removed, renamed, replaced or made read-only',
  'kill -9 at chosen places':
    'kill: after BEGIN, before or after COMMIT, in a checkpoint, a migration, a refund, a webhook or an export, or at a random time',
  'clock jumps': 'server whose wall clock jumps both ways',
  'long readers': 'server with a reader that holds the WAL',
  stalls: 'server whose writer or event loop stalls, or that is stopped by SIGSTOP',
  'out of memory': 'server with too little memory',
  'threads that die': 'server that loses its writer or an HTTP thread',
  'two programs on one file':
    'lock held by another program, command on the console, or test of a second server',
  'rolling restarts and upgrades': 'restart or migration under load',
  'backups under load': 'backup under load that must be a prefix of the ledger, or killed backup',
  restore: 'test: a backup spoiled in one way',
  overload:
    'test: full queues, deadlines, priorities; in the deep run also a minute at five times the capacity on each runtime',
  'hostile requests and clients':
    'fuzzed request, in process or over a socket; the whole security suite runs too',
  'personal data': 'test: what is left in the file after a deletion',
  'edge runtime': 'test on workerd: lost messages, doubled calls, objects that restart',
  'load test': 'test of the verdict of `npm run load-test`',
};

const cell = (text: string): string => text.replaceAll('|', '\\|');
const named = (detail: string): string => detail.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** `1–9, 12`. */
function ranges(seeds: readonly number[]): string {
  const sorted = [...new Set(seeds)].sort((one, other) => one - other);
  const found: [number, number][] = [];
  for (const seed of sorted) {
    const last = found.at(-1);
    if (last && last[1] + 1 === seed) last[1] = seed;
    else found.push([seed, seed]);
  }
  return found.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

/** Merges the counts of each class into one; numeric details add up. */
export function mergeByClass(counts: readonly Count[]): Count[] {
  const merged = new Map<FaultClass, Count>();
  for (const count of counts) {
    const known = merged.get(count.class);
    const sum: Count = { ...known, ...count };
    for (const [name, value] of Object.entries(count)) {
      const before = known?.[name];
      if (typeof value === 'number' && typeof before === 'number') sum[name] = before + value;
    }
    merged.set(count.class, { ...sum, seeds: [...(known?.seeds ?? []), ...count.seeds] });
  }
  return [...merged.values()];
}

/** Renders a count with all its details. */
function countRow({ class: name, cases, seeds, violations, seconds, ...others }: Count): string {
  const counted = Object.entries(others).map(
    ([detail, count]) => `${named(detail)} ${typeof count === 'number' ? count.toLocaleString('en') : count}`,
  );
  const what = [meanings[name], ...counted].join('; ');
  return `| ${cell(name)} | ${cases.toLocaleString('en')} | ${violations} | ${ranges(seeds)} | ${seconds} s | ${cell(what)} |`;
}

const plantedRow = ({ class: group, name, caughtBy }: Planted): string =>
  `| ${cell(group)} | ${cell(name)} | ${caughtBy === null ? '**not caught**' : `\`${cell(caughtBy)}\``} |`;

/** Sorts by the order of the classes. */
const sorted = <T extends { class: FaultClass }>(list: readonly T[]): T[] =>
  faultClasses.flatMap((name) => list.filter((one) => one.class === name));

export function reliabilityText(reliability: Reliability): string {
  const { counts, planted, failed, run } = reliability;
  const { commit, seed, deep, plantsAll, begunAt, minutes, where } = run;
  const command = deep ? 'test:fault:deep --' : `test:fault --${plantsAll ? ' --planted all' : ''}`;
  const open = [
    ...failed.map((name) => `- Failed: ${name}.`),
    ...planted
      .filter(({ caughtBy }) => caughtBy === null)
      .map(({ name, why }) => `- Not caught: ${name} (${why}).`),
  ];
  return `# Reliability

Written by one run: \`npm run ${command} --write --seed ${seed}\`. Do not edit it; run the command again.

- Size: ${deep ? 'deep' : 'CI, the small one. The deep run (`npm run test:fault:deep -- --write`) tries far more and takes hours'}.
- Commit: ${commit}, without changes.
- Started ${begunAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, took ${minutes} minutes.
- Machine: Node ${where.node}, ${where.cores} cores (${where.cpu.trim()}).

## What is checked

The eight promises of the [README](README.md#what-it-promises). After each fault:

- **The file**: held + sold <= stock; the customer's limit; every payment bought units or was refunded once; the log's
  chain is complete; the file is sound (\`npm run audit\`).
- **The ledger**, kept outside the server: every acknowledged order is there with its state, none twice, and no refused
  one.
- If a fault removed the file for good: the server must have exited, and logged the reason, in time.

## What is not checked

- A disk that acknowledges an fsync and keeps nothing, or two disks lost at once.
- An attacker with root on the machine.
- What a payment provider or a bank does with a refund that it has accepted.
- Cloudflare's own durability; only the code on it was tested.

The README lists [what else is not promised](README.md#what-it-does-not-promise).

## Faults

| class | cases | violations | seeds | took | a case is a |
|---|---|---|---|---|---|
${sorted(counts).map(countRow).join('\n')}

## Planted faults

A test that cannot fail proves nothing. The run patches a copy of the source with each of these faults and requires the
expected assertion to fail, and to pass in a control run without the fault.
${plantsAll ? 'These are all known faults.' : 'They are a sample, chosen by the seed.'} ${planted.length} planted, ${planted.filter(({ caughtBy }) => caughtBy !== null).length} caught.

| class | fault | caught by |
|---|---|---|
${sorted(planted).map(plantedRow).join('\n')}

## Open failures

${open.length === 0 ? 'None known.' : open.join('\n')}
`;
}
