/** RELIABILITY.md from what the fault tests have counted. */
import { type FaultClass, faultClasses } from './fault-classes.ts';

export interface Count {
  class: FaultClass;
  cases: number;
  seeds: readonly number[];
  violations: number;
  seconds: number;
  /** Whatever else was counted, under its own name. */
  [detail: string]: unknown;
}

export interface Planted {
  class: FaultClass;
  name: string;
  /** `file: full name` of the test whose assertion failed; null when the expected assertion did not fail. */
  caughtBy: string | null;
  /** What happened instead of a catch. */
  why?: string;
}

/** The one run of one commit that the record is of. */
export interface Run {
  commit: string;
  seed: string;
  /** The deep size; else the size of CI. */
  deep: boolean;
  /** Whether every fault there is was planted; else a sample. */
  plantsAll: boolean;
  begunAt: Date;
  minutes: number;
  where: { node: string; cpu: string; cores: number };
}

export interface Reliability {
  counts: readonly Count[];
  planted: readonly Planted[];
  /** Parts that did not pass, and classes without a case. */
  failed: readonly string[];
  run: Run;
}

/** What a case is, where the number alone does not say it; and what else was counted. */
const meanings: Readonly<Record<FaultClass, string>> = {
  'rules of the audit':
    'tests: each invariant of the audit on a file that breaks it, and the judge of the ledger',
  'stock, limits and money': 'tests of single rules: durability settings, routing, limits, webhooks',
  'several HTTP threads': 'tests of stores that share a writer',
  'model and schedules':
    'runs of random commands against the pure model, and of schedules permuted at each await',
  'linearizable histories':
    'histories of real crowds on Node, Bun and workerd, also with two threads and through a crash',
  'power loss':
    'images of a disk at a random moment of a recorded run, torn and reordered; marks are acknowledgements held against them, controls are images of disks and settings that must lose',
  'I/O errors':
    'EIO and ENOSPC at every N-th write and fsync, once and from then on, of a writer (its truncations too) and of a whole store, and at some of a server under load',
  'a full disk': 'servers: refused while it is full, selling again without a restart',
  'a slow disk': 'servers under a crowd',
  'files that go away':
    'servers whose database, WAL or folder is removed, renamed, replaced or made read-only',
  'kill -9 at chosen places':
    'kills: after BEGIN, before and after COMMIT, in a checkpoint, a migration, a refund, a webhook, an export, and at random times',
  'clock jumps': 'servers whose wall clock jumps both ways',
  'long readers': 'servers with a reader that holds the WAL',
  stalls: 'servers whose writer or event loop stands still, or that are stopped by SIGSTOP',
  'out of memory': 'servers with too little of it',
  'threads that die': 'servers that lose their writer or an HTTP thread',
  'two programs on one file': 'locks that others keep, work at the console, and tests: a second server',
  'rolling restarts and upgrades': 'restarts and migrations under load',
  'backups under load': 'backups under load, each a prefix of the ledger, and kills of backups',
  restore: 'tests: backups that were spoilt in one way each',
  overload:
    'tests: queues that are full, deadlines, lanes; and, in the deep run, a minute at five times the capacity on each runtime',
  'hostile requests and clients':
    'fuzzed requests, in process and over sockets; the whole security suite runs beside them',
  'personal data': 'tests: what of an erased customer is left in the file',
  'edge runtime': 'tests on workerd: lost messages, doubled calls, objects that restart',
  rehearsal: 'tests of its decision',
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

/** One count for each class, of all that were counted for it; details that are numbers add up. */
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

/** A count may bring whatever else was counted, under its own names. */
function countRow({ class: name, cases, seeds, violations, seconds, ...others }: Count): string {
  const counted = Object.entries(others).map(
    ([detail, count]) => `${named(detail)} ${typeof count === 'number' ? count.toLocaleString('en') : count}`,
  );
  const what = [meanings[name], ...counted].join('; ');
  return `| ${cell(name)} | ${cases.toLocaleString('en')} | ${violations} | ${ranges(seeds)} | ${seconds} s | ${cell(what)} |`;
}

const plantedRow = ({ class: group, name, caughtBy }: Planted): string =>
  `| ${cell(group)} | ${cell(name)} | ${caughtBy === null ? '**not caught**' : `\`${cell(caughtBy)}\``} |`;

/** In the order of the classes. */
const sorted = <T extends { class: FaultClass }>(list: readonly T[]): T[] =>
  faultClasses.flatMap((name) => list.filter((one) => one.class === name));

export function reliabilityText(reliability: Reliability): string {
  const { counts, planted, failed, run } = reliability;
  const { commit, seed, deep, plantsAll, begunAt, minutes, where } = run;
  const command = deep ? 'test:fault:deep --' : `test:fault --${plantsAll ? ' --planted all' : ''}`;
  const open = [
    ...failed.map((name) => `- Did not pass: ${name}.`),
    ...planted
      .filter(({ caughtBy }) => caughtBy === null)
      .map(({ name, why }) => `- Not caught: ${name} (${why}).`),
  ];
  return `# Reliability

Written by one run: \`npm run ${command} --write --seed ${seed}\`. Do not edit it; run the command again.

- Size: ${deep ? 'deep' : 'CI, the small one. The deep run (`npm run test:fault:deep -- --write`) tries far more and takes hours'}.
- Commit: ${commit}, without changes.
- Begun ${begunAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, finished after ${minutes} minutes.
- Machine: Node ${where.node}, ${where.cores} cores (${where.cpu.trim()}).

## What is promised

The eight promises of the [README](README.md#what-it-promises). After a fault two things are asked. Of the file: held + sold <= stock, the
customer's limit, every payment is a unit or goes back once, the log's chain is whole, the file is sound (\`npm run audit\`). And of whoever
was answered, as kept outside of the server: every order that was acknowledged is there with what became of it, none twice, none that was
refused. A file that a fault took away for good can't be asked; then the server must have ended, and said so, in time.

## What is not

A disk that acknowledges an fsync and keeps nothing; two disks lost at once; the machine's root as an attacker; what a payment
provider or a bank does with a refund that it has taken; Cloudflare's own durability, which was not tested here, only the code on it. The
README lists [what else](README.md#what-it-does-not-promise).

## What was tried

| class | cases | violations | seeds | took | a case is one of |
|---|---|---|---|---|---|
${sorted(counts).map(countRow).join('\n')}

## Faults that were planted on purpose

A test that cannot fail proves nothing. The run patches a copy of the source with each of these faults and requires the expected
assertion to fail, beside a control run in which it passes. ${plantsAll ? 'These are all there are.' : 'They are a sample, chosen by the seed.'}
${planted.length} planted, ${planted.filter(({ caughtBy }) => caughtBy !== null).length} caught.

| class | fault | caught by |
|---|---|---|
${sorted(planted).map(plantedRow).join('\n')}

## Open failures

${open.length === 0 ? 'None that is known.' : open.join('\n')}
`;
}
