/** A real server that is killed, stalled or starved; `npm run test:process` tries more cases. */
import { describe, expect, it } from 'vitest';
import type { CaseResult } from '../run-case.ts';
import { backUpUnderLoad, killBackups } from './backups-under-load.ts';
import { jumpForthAndBack } from './clock-jumps.ts';
import { loseWriter, runOutOfMemory } from './dying-threads.ts';
import { killExport, killMigration, killRefunds, killWebhooks } from './kill-other-work.ts';
import { killAt } from './kill-points.ts';
import { upgrade } from './rolling-restart.ts';
import { freeze, stallHttp, stallWriter } from './stalls.ts';
import { keepLock, readLong } from './two-programs.ts';

const seed = 4;

const cases: readonly [what: string, play: () => Promise<CaseResult>][] = [
  [
    'killed before its answer has left knows all that was told',
    () => killAt('node', 'the answer is on the HTTP side', 60, seed),
  ],
  ['killed in its first migration starts anew, and has all of it', () => killMigration('node', 12)],
  [
    'killed while it refunds asks the provider again by the same key',
    () => killRefunds('node', 'the provider has answered'),
  ],
  ['killed between a payment and its answer has it once', () => killWebhooks('node', 'after COMMIT')],
  ['killed while it exports has sent no whole file', () => killExport('node')],
  ['whose clock jumps does nothing twice and nothing early', () => jumpForthAndBack('node')],
  ['sells beside a long reader, and its WAL begins anew after it', () => readLong('node', seed)],
  ['whose writer stalls answers at its deadlines', () => stallWriter('node', seed)],
  ['whose HTTP thread stalls answers all who wait', () => stallHttp('node', seed)],
  ['that is frozen for a while goes on', () => freeze('node', seed)],
  ['that loses its writer ends with 70, and its restart is clean', () => loseWriter('node', 'throw', seed)],
  ['whose writer runs out of memory ends', () => runOutOfMemory('writer', seed)],
  ['waits for a lock, refuses at last, and does not die of it', () => keepLock('node', seed)],
  ['is upgraded through a migration that is killed on its way', () => upgrade('node', 4, seed)],
  ['is backed up under load, each time with everything told before', () => backUpUnderLoad('node', 2, seed)],
  [
    'killed during a backup leaves a whole one or none',
    () => killBackups('node', ['a backup copies', 'a backup has copied'], seed),
  ],
];

describe('a server', () => {
  it.each(cases)('%s', async (_, play) => {
    expect((await play()).violations).toEqual([]);
  });
});
