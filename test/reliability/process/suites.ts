/** The classes of process faults: each runs its cases at the requested size, and counts them. */
import type { FaultClass } from '../fault-classes.ts';
import type { MachineRuntime } from '../fault-run.ts';
import { runKillRounds } from '../kill-rounds.ts';
import type { CaseResult } from '../run-case.ts';
import { backUpUnderLoad, backupPlaces, killBackups } from './backups-under-load.ts';
import { jumpBackDuringHold, jumpForthAndBack } from './clock-jumps.ts';
import {
  deaths,
  liveOnLittleMemory,
  loseHttpThread,
  loseMainThread,
  loseWriter,
  runOutOfMemory,
} from './dying-threads.ts';
import {
  killExport,
  killMigration,
  killRefunds,
  killWebhooks,
  refundPlaces,
  webhookPlaces,
} from './kill-other-work.ts';
import { killAtPlaces } from './kill-points.ts';
import { restartRolling, upgrade } from './rolling-restart.ts';
import { freeze, stallHttp, stallWriter } from './stalls.ts';
import { keepLock, readLong, stormOfLocks, workAtTheConsole } from './two-programs.ts';

export interface Size {
  /** Kills at each place per file, and files per runtime: a large file takes long to check. */
  placeRounds: number;
  placeFiles: number;
  /** Kills at random times, likewise. */
  randomRounds: number;
  randomFiles: number;
  /** The statements of the first migrations before which a start dies. */
  migrationStatements: readonly number[];
  restarts: number;
  backups: number;
  /** The repetitions of all other cases. */
  rounds: number;
  runtimes: readonly MachineRuntime[];
  /** A single runtime for cases that take too long on both. */
  fewRuntimes: readonly MachineRuntime[];
  /** Whether the main thread runs out of memory too, which takes long on Node. */
  isDeep: boolean;
  seed: number;
}

type Play = (size: Size, runtime: MachineRuntime, seed: number) => Promise<CaseResult>;

export interface Suite {
  class: FaultClass;
  /** In the order of execution. */
  plays(size: Size): (() => Promise<CaseResult>)[];
}

export const ciSize: Omit<Size, 'seed'> = {
  placeRounds: 1,
  placeFiles: 1,
  randomRounds: 0,
  randomFiles: 0,
  migrationStatements: [12],
  restarts: 1,
  backups: 2,
  rounds: 1,
  runtimes: ['node', 'bun'],
  fewRuntimes: ['node'],
  isDeep: false,
};

/**
 * 2 x (9 x 3 x 10 + 10 x 25) kills under load, at places and at random: more than 1,000 without
 * those of starts and of other work.
 */
export const deepSize: Omit<Size, 'seed'> = {
  placeRounds: 3,
  placeFiles: 9,
  randomRounds: 25,
  randomFiles: 10,
  migrationStatements: Array.from({ length: 30 }, (_, index) => index + 1),
  restarts: 10,
  backups: 10,
  rounds: 2,
  runtimes: ['node', 'bun'],
  fewRuntimes: ['node', 'bun'],
  isDeep: true,
};

/** Each case on each runtime, `rounds` times, each time with another seed. */
const onEach = (
  size: Size,
  runtimes: readonly MachineRuntime[],
  plays: readonly Play[],
  rounds = size.rounds,
): (() => Promise<CaseResult>)[] =>
  runtimes.flatMap((runtime) =>
    Array.from({ length: rounds }, (_, round) => round).flatMap((round) =>
      plays.map((play) => () => play(size, runtime, size.seed + round)),
    ),
  );

const killAtRandom: Play = ({ randomRounds }, runtime, seed) =>
  runKillRounds({ runtime, rounds: randomRounds, seed });

/** All variants where there is time, otherwise the middle one, which is the worst. */
const some = <T>(all: readonly T[], { isDeep }: Size): readonly T[] => (isDeep ? all : all.slice(1, 2));

const killAtEachPlace: Play = ({ placeRounds, fewRuntimes }, runtime, seed) =>
  killAtPlaces(runtime, { rounds: placeRounds, withCheckpoints: fewRuntimes.includes(runtime), seed });
const killMigrationAt =
  (statement: number): Play =>
  (_, runtime) =>
    killMigration(runtime, statement);
const killRefundsAt =
  (place: string): Play =>
  (_, runtime) =>
    killRefunds(runtime, place);
const killWebhooksAt =
  (place: string): Play =>
  (_, runtime) =>
    killWebhooks(runtime, place);

const killPoints: Suite = {
  class: 'kill -9 at chosen places',
  plays: (size) => [
    ...onEach(size, size.runtimes, [killAtEachPlace], size.placeFiles),
    ...onEach(size, size.runtimes, [killAtRandom], size.randomFiles),
    ...onEach(size, size.fewRuntimes, [
      ...size.migrationStatements.map(killMigrationAt),
      ...some(refundPlaces, size).map(killRefundsAt),
      ...some(webhookPlaces, size).map(killWebhooksAt),
      (_, runtime) => killExport(runtime),
    ]),
  ],
};

/** A class of a table of cases: some on every runtime, some only where there is time. */
const ofPlays = (name: FaultClass, everywhere: readonly Play[], few: readonly Play[] = []): Suite => ({
  class: name,
  plays: (size) => [...onEach(size, size.runtimes, everywhere), ...onEach(size, size.fewRuntimes, few)],
});

const outOfMemory: Suite = {
  class: 'out of memory',
  plays: (size) =>
    onEach(
      size,
      ['node'],
      [
        (_, __, seed) => liveOnLittleMemory(seed),
        (_, __, seed) => runOutOfMemory('writer', seed),
        ...(size.isDeep ? [(_: Size, __: MachineRuntime, seed: number) => runOutOfMemory('main', seed)] : []),
      ],
    ),
};

export const suites: readonly Suite[] = [
  killPoints,
  ofPlays(
    'clock jumps',
    [(_, runtime) => jumpForthAndBack(runtime)],
    [(_, runtime) => jumpBackDuringHold(runtime)],
  ),
  ofPlays('long readers', [], [(_, runtime, seed) => readLong(runtime, seed)]),
  ofPlays(
    'stalls',
    [(_, runtime, seed) => stallWriter(runtime, seed)],
    [(_, runtime, seed) => stallHttp(runtime, seed), (_, runtime, seed) => freeze(runtime, seed)],
  ),
  outOfMemory,
  ofPlays(
    'threads that die',
    [(_, runtime, seed) => loseWriter(runtime, 'throw', seed)],
    [
      ...deaths
        .filter((act) => act !== 'throw')
        .map(
          (act): Play =>
            (_, runtime, seed) =>
              loseWriter(runtime, act, seed),
        ),
      (_, runtime, seed) => loseHttpThread(runtime, 'throw', seed),
      (_, runtime, seed) => loseHttpThread(runtime, 'exit', seed),
      (_, runtime, seed) => loseMainThread(runtime, seed),
    ],
  ),
  ofPlays(
    'two programs on one file',
    [(_, runtime, seed) => keepLock(runtime, seed)],
    [
      (_, runtime, seed) => stormOfLocks(runtime, seed),
      (_, runtime, seed) => workAtTheConsole(runtime, seed),
    ],
  ),
  ofPlays(
    'rolling restarts and upgrades',
    [({ restarts }, runtime, seed) => restartRolling(runtime, restarts, seed)],
    [({ isDeep }, runtime, seed) => upgrade(runtime, isDeep ? 1 : 4, seed)],
  ),
  ofPlays(
    'backups under load',
    [],
    [
      ({ backups }, runtime, seed) => backUpUnderLoad(runtime, backups, seed),
      ({ isDeep }, runtime, seed) =>
        killBackups(runtime, isDeep ? backupPlaces : backupPlaces.slice(0, 2), seed),
    ],
  ),
];
