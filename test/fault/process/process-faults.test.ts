/** A real server that is killed, stalled, starved or misled; `npm run test:process` tries much more of it. */
import { describe, expect, it } from 'vitest';
import { backUpUnderLoad } from './backups-under-load.ts';
import { jumpForthAndBack } from './clock-jumps.ts';
import { loseWriter, runOutOfMemory } from './dying-threads.ts';
import { killAt } from './kill-points.ts';
import type { Played } from './played.ts';
import { upgrade } from './rolling-restart.ts';
import { stallWriter } from './stalls.ts';
import { keepLock, readLong } from './two-programs.ts';

const seed = 4;
const timeout = 90_000;

const cases: readonly [what: string, play: () => Promise<Played>][] = [
  [
    'killed before its answer has left knows all that was told',
    () => killAt('node', 'the answer is on the HTTP side', 60, seed),
  ],
  ['whose clock jumps does nothing twice and nothing early', () => jumpForthAndBack('node')],
  ['sells beside a long reader, and its WAL begins anew after it', () => readLong('node', seed)],
  ['whose writer stalls answers at its deadlines', () => stallWriter('node', seed)],
  ['that loses its writer ends with 70, and its restart is clean', () => loseWriter('node', 'throw', seed)],
  ['whose writer runs out of memory ends', () => runOutOfMemory('the writer gets a batch', seed)],
  ['waits for a lock, refuses at last, and does not die of it', () => keepLock('node', seed)],
  ['is upgraded through a migration that is killed on its way', () => upgrade('node', 4, seed)],
  ['is backed up under load, each time with everything told before', () => backUpUnderLoad('node', 2, seed)],
];

describe('a server', () => {
  it.each(cases)('%s', { timeout }, async (_, play) => {
    expect((await play()).violations).toEqual([]);
  });
});
