/** The classes of disk faults: each runs its cases at the requested size, and counts them. */
import { availableParallelism } from 'node:os';
import type { FaultClass } from '../fault-classes.ts';
import type { MachineRuntime } from '../fault-run.ts';
import { pick, seededRandom, wholeBetween } from '../random.ts';
import type { CaseResult } from '../run-case.ts';
import type { Failure } from './control.ts';
import { failEachOperation, failures } from './io-errors.ts';
import { loseThePower, type PowerScenario, scenarios } from './power-loss.ts';
import {
  failUnderLoad,
  fillDisk,
  loseFiles,
  lossNames,
  makeReadOnly,
  overloadSlowDisk,
  slowDown,
} from './server-faults.ts';

export interface Size {
  /** Images of all power failure scenarios together. */
  images: number;
  /** The distance between a store's failing operations; the writer alone meets every one. */
  storeStep: number;
  /** Failures of a real server under load, on each runtime. */
  serverFailures: number;
  runtimes: readonly MachineRuntime[];
  /** Threads, each of which checks the images of one record. */
  threads: number;
  seed: number;
}

export interface SuiteReport {
  class: FaultClass;
  cases: number;
  seeds: readonly number[];
  violations: string[];
  /** Further figures. */
  [detail: string]: unknown;
}

export interface Suite {
  name: FaultClass;
  run(size: Size, say: (line: string) => void): Promise<SuiteReport>;
}

export const ciSize: Omit<Size, 'seed'> = {
  images: 3_000,
  storeStep: 40,
  serverFailures: 3,
  runtimes: ['node'],
  threads: Math.min(2, availableParallelism()),
};
export const deepSize: Omit<Size, 'seed'> = {
  images: 104_000,
  storeStep: 1,
  serverFailures: 24,
  runtimes: ['node', 'bun'],
  threads: availableParallelism(),
};

const IMAGES_PER_RECORD = 400;
/** A scenario's share of the images; a control needs only enough to show its effect. */
const shareOf = ({ expects }: PowerScenario): number => (expects === 'sound' ? 0.28 : 0.08);

/** The number of images of one record. */
interface PowerJob {
  scenario: PowerScenario;
  recordSeed: number;
  images: number;
}

function* powerJobs(images: number, seed: number): Generator<PowerJob> {
  for (const scenario of scenarios) {
    let left = Math.round(images * shareOf(scenario));
    for (let recordSeed = seed; left > 0; recordSeed += 1) {
      const count = Math.min(left, IMAGES_PER_RECORD);
      left -= count;
      yield { scenario, recordSeed, images: count };
    }
  }
}

const powerLoss: Suite = {
  name: 'power loss',
  async run({ images, threads, seed }, say) {
    const report = { class: 'power loss' as const, cases: 0, marks: 0, controlsLost: 0, controlsCorrupt: 0 };
    const seeds = new Set<number>();
    const violations: string[] = [];
    const jobs = powerJobs(images, seed);
    // A record mostly waits for the disk: one job more than threads keeps every core busy.
    const work = async (): Promise<void> => {
      for (const { scenario, recordSeed, images } of jobs) {
        const imageSeeds = Array.from({ length: images }, (_, index) => recordSeed * 1_000_000 + index);
        const found = await loseThePower(scenario, { recordSeed, imageSeeds });
        seeds.add(recordSeed);
        violations.push(...found.violations);
        report.cases += found.images;
        report.marks += found.marks;
        if (scenario.expects !== 'sound') {
          report.controlsLost += found.lost;
          report.controlsCorrupt += found.corrupt;
        }
        say(
          `${scenario.name}: record ${recordSeed}, ${found.images} images, ${found.lost} lost something, ${found.corrupt} were corrupt`,
        );
      }
    };
    // Waits for all: the other jobs clean up after themselves.
    const ends = await Promise.allSettled(Array.from({ length: threads + 1 }, work));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return { ...report, seeds: [...seeds], violations };
  },
};

const ioErrors: Suite = {
  name: 'I/O errors',
  async run({ storeStep, serverFailures, runtimes, seed }, say) {
    const random = seededRandom(seed);
    const writers = await failEachOperation('writer', 1);
    say(
      `a writer's every operation: ${JSON.stringify({ ...writers, violations: writers.violations.length })}`,
    );
    // Without truncations at a store's close: their failure has no effect, since the next start
    // truncates.
    const kinds = failures.filter(({ kind }) => kind !== 'truncate');
    const stores = await failEachOperation('store', storeStep, kinds);
    say(`a whole store's: ${JSON.stringify({ ...stores, violations: stores.violations.length })}`);
    const violations = [...writers.violations, ...stores.violations];
    let servers = 0;
    for (const runtime of runtimes) {
      for (let index = 0; index < serverFailures; index += 1) {
        const kind = index % 2 === 0 ? 'sync' : 'write';
        const at = wholeBetween(random, 1, kind === 'sync' ? 30 : 400);
        const failure: Failure = { kind, at, errno: 'EIO', forever: pick(random, [true, false]) };
        const results = await failUnderLoad(runtime, failure, seed + index);
        violations.push(...results.violations);
        servers += results.cases;
      }
    }
    say(`${servers} servers under load`);
    return {
      class: 'I/O errors' as const,
      cases: writers.met + stores.met + servers,
      seeds: [seed],
      violations,
      writers: writers.met,
      stores: stores.met,
      servers,
    };
  },
};

/** A suite of cases with real servers, each on every requested runtime. */
function ofServers(
  name: FaultClass,
  plays: readonly ((runtime: MachineRuntime, seed: number) => Promise<CaseResult>)[],
): Suite {
  return {
    name,
    async run({ runtimes, seed }, say) {
      const report = { class: name, cases: 0, seeds: [seed], violations: [] as string[] };
      for (const runtime of runtimes) {
        for (const play of plays) {
          const results = await play(runtime, seed);
          report.cases += results.cases;
          report.violations.push(...results.violations);
        }
        say(`${report.cases} cases, up to ${runtime}`);
      }
      return report;
    },
  };
}

export const suites: readonly Suite[] = [
  powerLoss,
  ioErrors,
  ofServers('a full disk', [fillDisk]),
  ofServers('a slow disk', [slowDown, overloadSlowDisk]),
  ofServers('files that go away', [
    ...lossNames.map((name) => (runtime: MachineRuntime, seed: number) => loseFiles(runtime, name, seed)),
    makeReadOnly,
  ]),
];
