/**
 * Power failures: records the writes of real writers, and checks thousands of images that a failure
 * could leave.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startThread } from '../../../src/split/thread.ts';
import { seededRandom, wholeBetween } from '../random.ts';
import type { Failure } from './control.ts';
import type { Lie } from './crash-images.ts';
import { FailingDisk, fastFolder } from './failing-disk.ts';
import { type ImagesSummary, judgeImages } from './judge-images.ts';
import type { JudgeJob } from './judge-thread.ts';
import { readRecord } from './record.ts';

export interface PowerScenario {
  name: string;
  synchronous: 'FULL' | 'NORMAL';
  lie: Lie;
  /** The failure during the recording. A process that it ends is restarted on a sound disk. */
  failure?: (at: (min: number, max: number) => number) => Failure;
  /**
   * The expected result of an image. A scenario that must break is a control: it proves that the
   * images are harsh enough.
   */
  expects: 'sound' | 'lost' | 'corrupt';
}

export const scenarios: readonly PowerScenario[] = [
  { name: 'FULL', synchronous: 'FULL', lie: 'none', expects: 'sound' },
  {
    name: 'FULL, after a failed fsync and a restart',
    synchronous: 'FULL',
    lie: 'drops what a failed fsync should have kept',
    failure: (at) => ({ kind: 'sync', at: at(12, 30), errno: 'EIO', forever: false }),
    expects: 'sound',
  },
  {
    name: 'FULL, after the disk was full',
    synchronous: 'FULL',
    lie: 'none',
    // A start makes about the first 200 writes.
    failure: (at) => ({ kind: 'write', at: at(420, 580), errno: 'ENOSPC', forever: false }),
    expects: 'sound',
  },
  { name: 'NORMAL (a control)', synchronous: 'NORMAL', lie: 'none', expects: 'lost' },
  {
    name: 'a disk that ignores fsync (a control)',
    synchronous: 'FULL',
    lie: 'ignores fsync',
    expects: 'corrupt',
  },
];

export interface PowerReport extends ImagesSummary {
  scenario: string;
  recordSeed: number;
  lost: number;
  corrupt: number;
  /** Images that differ from the scenario's expectation, with their seeds. */
  violations: string[];
}

export interface ImagesAsked {
  recordSeed: number;
  imageSeeds: readonly number[];
  /** Batches that the seller sells. */
  rounds?: number;
}

const seller = fileURLToPath(new URL('./seller.ts', import.meta.url));
const ROUNDS = 25;

async function sell(
  disk: FailingDisk,
  synchronous: string,
  seed: number,
  rounds: number,
): Promise<number | null> {
  const child = spawn(
    process.execPath,
    [seller, disk.databaseFile, synchronous, String(seed), String(rounds)],
    {
      env: { PATH: process.env.PATH, ...disk.environment({ isRecorded: true }) },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** Makes the record; returns the entry before which a crash is irrelevant. */
async function recordSales(
  disk: FailingDisk,
  { synchronous, failure }: PowerScenario,
  recordSeed: number,
  rounds: number,
): Promise<number> {
  const random = seededRandom(recordSeed);
  if (failure) disk.control.arm(failure((min, max) => wholeBetween(random, min, max)));
  const code = await sell(disk, synchronous, recordSeed, rounds);
  if (failure && disk.control.failed === 0)
    throw new Error(`The seller met no failure in ${disk.control.seen} operations.`);
  disk.control.disarm();
  if (code === 0) return 0;
  if (!failure) throw new Error(`The seller ended with ${code}, and nothing had failed.`);
  const before = statSync(disk.recordFile).size === 0 ? 0 : readRecord(disk.recordFile).length;
  const codeAgain = await sell(disk, synchronous, recordSeed + 1_000_000, rounds);
  if (codeAgain !== 0) throw new Error(`The seller ended with ${codeAgain} when it was started again.`);
  return before;
}

async function judgeInThread(job: JudgeJob): Promise<ImagesSummary> {
  const thread = startThread(new URL('./judge-thread.ts', import.meta.url), job);
  const [summary] = (await once(thread, 'message')) as [ImagesSummary];
  return summary;
}

function violationsOf(scenario: PowerScenario, { bad }: ImagesSummary, recordSeed: number): string[] {
  if (scenario.expects !== 'sound') {
    const isBroken = bad.some(
      ({ lost, corrupt }) => (scenario.expects === 'lost' ? lost : corrupt).length > 0,
    );
    return isBroken ? [] : [`${scenario.name}: nothing was ${scenario.expects}, so the images prove nothing`];
  }
  return bad.map(
    ({ seed, entries, corrupt, lost }) =>
      `${scenario.name}: record ${recordSeed}, image ${seed} (after ${entries} entries): ${[...corrupt, ...lost].slice(0, 5).join('; ')}`,
  );
}

/** The inputs of an image in addition to the record itself. */
interface Evidence {
  lie: Lie;
  from: number;
}

/** Keeps a record with unsound images: threads never repeat, so it cannot be recorded again. */
function keepRecord(recordFile: string, evidence: Evidence): string {
  const kept = mkdtempSync(join(tmpdir(), 'stampede-record-'));
  copyFileSync(recordFile, join(kept, 'record'));
  writeFileSync(join(kept, 'evidence.json'), JSON.stringify(evidence));
  return kept;
}

/** Checks one image of a kept record. */
export function judgeAgain(kept: string, imageSeed: number): ImagesSummary {
  const { lie, from }: Evidence = JSON.parse(readFileSync(join(kept, 'evidence.json'), 'utf8'));
  const folder = fastFolder('stampede-image-');
  try {
    return judgeImages(readRecord(join(kept, 'record')), [imageSeed], lie, folder, from);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Records one seller and checks the requested images. Throws where recording fails. */
export async function loseThePower(
  scenario: PowerScenario,
  { recordSeed, imageSeeds, rounds = ROUNDS }: ImagesAsked,
): Promise<PowerReport> {
  const disk = new FailingDisk();
  try {
    const from = await recordSales(disk, scenario, recordSeed, rounds);
    const summary = await judgeInThread({
      recordFile: disk.recordFile,
      seeds: imageSeeds,
      lie: scenario.lie,
      from,
      folder: `${disk.folder}/images`,
    });
    const { bad } = summary;
    const violations = violationsOf(scenario, summary, recordSeed);
    if (violations.length > 0) {
      const kept = keepRecord(disk.recordFile, { lie: scenario.lie, from });
      violations.push(`the record is kept: npm run test:disk -- --record ${kept} --image SEED`);
    }
    return {
      ...summary,
      scenario: scenario.name,
      recordSeed,
      lost: bad.filter(({ lost }) => lost.length > 0).length,
      corrupt: bad.filter(({ corrupt }) => corrupt.length > 0).length,
      violations,
    };
  } finally {
    disk.remove();
  }
}
