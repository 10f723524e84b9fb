/**
 * `npm run bench:compare`: compares this tree with the seed's design, peers, itself without one
 * design choice, and any git ref; and a plain app with and without the split.
 */
import { parseArgs } from 'node:util';
import type { RuntimeName } from '../rounds/server.ts';
import { stampede } from '../rounds/stampede.ts';
import { checkOut } from './checkout-of-ref.ts';
import { contendersOfChoices } from './choices.ts';
import { compareKeyMetrics } from './key-metrics.ts';
import { betterSqlite3Peer, libsqlPeer, pocketBasePeer, postgresPeer } from './peers/contenders.ts';
import { areInstalled } from './peers/installed.ts';
import { comparePlainApps } from './plain-apps.ts';
import { type SideBySideSettings, sideBySide } from './side-by-side.ts';

const usage = `usage: npm run bench:compare -- [seed] [split] [peers] [choices] [ref GIT-REF] [options]
  seed           the seed's Key Metrics: one connection against one writer and many readers
  split          a plain Hono and Drizzle app under the seed's load, its database opened in four ways
  peers          the same purchase through better-sqlite3, libSQL, PostgreSQL and PocketBase
  choices        this tree with one choice switched off: WAL syncs, group commit, snapshot, indexes, checkpoint, cache
  ref GIT-REF    another state of this project
Without one of them: seed and peers.
  --rounds N     interleaved rounds (3 for split, 5 for the others)
  --seconds N    length of each run (10 for seed, 5 for split, 3 for the others)
  --runtime R    node or bun, for ref (node)
`;
const plenty = 10_000_000;
const connections = 64;
const reportProgress = (line: string): void => void process.stderr.write(`${line}\n`);
const mixes = [
  { title: 'purchases only', ask: { readShare: 0 } },
  { title: '60 % reads, 40 % purchases', ask: { readShare: 0.6 } },
] as const;
type Length = Pick<SideBySideSettings, 'rounds' | 'seconds'>;

async function comparePeers(length: Length): Promise<void> {
  const ours = stampede({ name: 'Stampede on Node', runtime: 'node', stock: plenty });
  const contenders = [ours, betterSqlite3Peer, libsqlPeer];
  if (areInstalled('initdb', 'postgres')) contenders.push(postgresPeer);
  else reportProgress('NOT RUN: PostgreSQL. Its programs initdb and postgres are not on the path.');
  if (areInstalled('pocketbase')) contenders.push(pocketBasePeer);
  else
    reportProgress('NOT RUN: PocketBase. Its program pocketbase is not on the path (see bench/README.md).');
  for (const mix of mixes) {
    process.stdout.write(
      `${await sideBySide(contenders, { ...mix, ...length, connections }, reportProgress)}\n`,
    );
  }
}

async function compareChoices(length: Length): Promise<void> {
  const { contenders, remove } = contendersOfChoices(plenty);
  try {
    for (const mix of mixes) {
      process.stdout.write(
        `${await sideBySide(contenders, { ...mix, ...length, connections }, reportProgress)}\n`,
      );
    }
  } finally {
    remove();
  }
}

async function compareRef(ref: string, runtime: RuntimeName, length: Length): Promise<void> {
  const other = checkOut(ref);
  try {
    const contenders = [
      stampede({ name: `${ref} (${other.commit})`, runtime, stock: plenty, root: other.root }),
      stampede({ name: 'this tree', runtime, stock: plenty }),
    ];
    for (const mix of [...mixes, { title: 'reads only', ask: { readShare: 1 } } as const]) {
      process.stdout.write(
        `${await sideBySide(contenders, { ...mix, ...length, connections }, reportProgress)}\n`,
      );
    }
  } finally {
    other.remove();
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name} is a whole number from 1, not ${text}.`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      runtime: { type: 'string', default: 'node' },
    },
  });
  const { runtime } = values;
  if (runtime !== 'node' && runtime !== 'bun') throw new Error(`--runtime is node or bun, not ${runtime}.`);
  const rounds = wholeNumber('rounds', values.rounds ?? '5');
  const secondsOr = (preset: string): number => wholeNumber('seconds', values.seconds ?? preset);
  const refAt = positionals.indexOf('ref');
  const ref = refAt === -1 ? undefined : positionals[refAt + 1];
  if (refAt !== -1 && ref === undefined) throw new Error('ref needs the name of a git ref.');
  const asked = positionals.filter((_, index) => refAt === -1 || (index !== refAt && index !== refAt + 1));
  const unknown = asked.find((name) => !['seed', 'split', 'peers', 'choices'].includes(name));
  if (unknown !== undefined) throw new Error(`There is no comparison ${unknown}.`);
  const isAll = positionals.length === 0;
  if (isAll || asked.includes('seed')) {
    process.stdout.write(`${await compareKeyMetrics(rounds, secondsOr('10'), reportProgress)}\n`);
  }
  if (asked.includes('split')) {
    const length = {
      rounds: wholeNumber('rounds', values.rounds ?? '3'),
      seconds: secondsOr('5'),
      connections,
    };
    await comparePlainApps(length, (table) => void process.stdout.write(`${table}\n`), reportProgress);
  }
  if (isAll || asked.includes('peers')) await comparePeers({ rounds, seconds: secondsOr('3') });
  if (asked.includes('choices')) await compareChoices({ rounds, seconds: secondsOr('3') });
  if (ref !== undefined) await compareRef(ref, runtime, { rounds, seconds: secondsOr('3') });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 1;
}
