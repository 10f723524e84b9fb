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
    'killed before its answer is sent keeps every acknowledged order',
    () => killAt('node', 'the answer is on the HTTP side', 60, seed),
  ],
  ['killed in its first migration restarts, and completes it', () => killMigration('node', 12)],
  [
    'killed while it refunds retries with the same key',
    () => killRefunds('node', 'the provider has answered'),
  ],
  ['killed between a payment and its answer records it once', () => killWebhooks('node', 'after COMMIT')],
  ['killed while it exports sends no complete file', () => killExport('node')],
  ['whose clock jumps does nothing twice and nothing early', () => jumpForthAndBack('node')],
  ['sells during a long reader, and restarts its WAL after it', () => readLong('node', seed)],
  ['whose writer stalls answers at its deadlines', () => stallWriter('node', seed)],
  ['whose HTTP thread stalls answers all waiting clients', () => stallHttp('node', seed)],
  ['that is frozen for a while continues', () => freeze('node', seed)],
  [
    'that loses its writer ends with 70, and restarts without violations',
    () => loseWriter('node', 'throw', seed),
  ],
  ['whose writer runs out of memory ends', () => runOutOfMemory('writer', seed)],
  ['waits for a lock, finally refuses, and keeps running', () => keepLock('node', seed)],
  ['is upgraded through a migration that is killed midway', () => upgrade('node', 4, seed)],
  [
    'is backed up under load, each time with every earlier acknowledged order',
    () => backUpUnderLoad('node', 2, seed),
  ],
  [
    'killed during a backup leaves a complete one or none',
    () => killBackups('node', ['a backup copies', 'a backup has copied'], seed),
  ],
];

describe('a server', () => {
  it.each(cases)('%s', async (_, play) => {
    expect((await play()).violations).toEqual([]);
  });
});
