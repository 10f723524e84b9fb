/** Real servers on failing disks: full, slow, broken, read-only, or removed while they run. */
import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { endless } from '../drops-under-test.ts';
import type { MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import { type Failure, nameOf } from './control.ts';
import type { FailingDisk } from './failing-disk.ts';
import { ServerRun } from './server-run.ts';

const SHOPPERS = 8;
const ROOM_BYTES = 150_000;

/**
 * An operation of a server under load fails: the server exits, and its restart has every
 * acknowledged order.
 */
export const failUnderLoad = (runtime: MachineRuntime, failure: Failure, seed: number): Promise<CaseResult> =>
  runCase(nameOf(failure), new ServerRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = await run.sell(SHOPPERS);
    run.disk.control.arm(failure);
    await run.expectFault();
    await crowd.end();
    run.disk.control.disarm();
    await run.recover();
    await run.stop();
  });

/** The disk fills up under load and is freed, three times; then a server starts on a full one. */
export const fillDisk = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('a full disk', new ServerRun(runtime, seed), async (run) => {
    const { control } = run.disk;
    await run.open();
    const crowd = await run.sell(SHOPPERS);
    for (let round = 1; round <= 3; round += 1) {
      control.limitRoom(ROOM_BYTES);
      await run.becomes('/readyz', 503, 'on a full disk');
      const refused = (): number => run.counts().disk_full ?? 0;
      const before = refused();
      await run.until(
        () => refused() > before,
        () => 'no purchase was answered disk_full while the disk was full',
      );
      for (const path of ['/drops', `/drops/${endless.slug}`, '/livez']) {
        await run.expectStatus(path, 200, 'on a full disk');
      }
      control.limitRoom(null);
      await run.becomes('/readyz', 200, 'once there is room again');
      await run.sells('once there is room again');
    }
    await crowd.end();
    run.expect(run.counts().unknown === undefined, 'something became unknown, and only room was lacking');
    await run.replay();
    run.judge();
    await run.server.kill();
    control.limitRoom(0);
    // A start may need no space; then the server answers reads.
    if (await run.startOrRefuse()) {
      await run.expectStatus('/drops', 200, 'by a server that was started on a full disk');
      await run.server.kill();
    }
    control.limitRoom(null);
    await run.recover();
    await run.stop();
  });

const SYNC_MS = 30;
const CROWD = 64;
/** The longest deadline that a server accepts. */
const LONG_DEADLINE_MS = 60_000;
/** Calls per fsync, on average; checkpoints have some of their own. */
const CALLS_PER_SYNC_MIN = 4;
const longDeadline = { WRITE_DEADLINE_MS: String(LONG_DEADLINE_MS) };
/** Counts only: none of them fails. */
const neverFails: Failure = { kind: 'sync', at: 1_000_000, errno: 'EIO', forever: false };

/** An fsync takes much longer than a call: commits grow, and orders do not wait for one each. */
export const slowDown = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('a slow disk', new ServerRun(runtime, seed, longDeadline), async (run) => {
    const { control } = run.disk;
    await run.open();
    control.arm(neverFails);
    const crowd = await run.sell(CROWD);
    let syncMs = SYNC_MS;
    let perSync = 0;
    // The slower the machine, the slower the disk must be for calls to batch.
    await run.until(
      async () => {
        control.slowDown(syncMs);
        const before = { ok: run.counts().ok ?? 0, syncs: control.seen };
        await run.sells('on a slow disk', CROWD);
        perSync = ((run.counts().ok ?? 0) - before.ok) / (control.seen - before.syncs);
        syncMs *= 4;
        return perSync > CALLS_PER_SYNC_MIN;
      },
      () => `${perSync.toFixed(1)} calls were completed per fsync`,
    );
    control.slowDown(0);
    await crowd.end();
    const { unknown = 0, overloaded = 0 } = run.counts();
    run.expect(
      unknown + overloaded === 0,
      `${unknown} were unknown and ${overloaded} refused, of a small crowd`,
    );
    await run.replay();
    run.judge();
    await run.stop();
  });

const DEADLINE_MS = 1_000;

/** The same with a short queue, tiny batches and overload: refused calls are answered in time. */
export const overloadSlowDisk = (runtime: MachineRuntime, seed: number): Promise<CaseResult> => {
  const env = { WRITE_QUEUE_MAX: '16', WRITE_BATCH_MAX: '2', WRITE_DEADLINE_MS: String(DEADLINE_MS) };
  return runCase('a slow disk and a crowd', new ServerRun(runtime, seed, env), async (run) => {
    await run.open();
    run.disk.control.slowDown(SYNC_MS);
    const crowd = await run.sell(CROWD);
    await run.until(
      () => {
        const { ok = 0, overloaded = 0 } = run.counts();
        return ok > CROWD && overloaded > 0;
      },
      () => `this was no overload: ${JSON.stringify(run.counts())}`,
    );
    await crowd.end();
    run.expect(run.unanswered() === 0, `${run.unanswered()} were left without an answer`);
    run.disk.control.slowDown(0);
    await run.replay();
    run.judge();
    await run.stop();
  });
};

interface Loss {
  lose(run: ServerRun): void;
  /** Restores the file where possible; then nothing of it may be missing. */
  putBack?(run: ServerRun): void;
}

const ownNameOf = (disk: FailingDisk): string => `${disk.databaseFile}.own`;
const rollBack = ({ disk }: ServerRun): void => renameSync(ownNameOf(disk), disk.databaseFile);

/** What can happen to the files of a running server. */
const losses: Readonly<Record<string, Loss>> = {
  'the file is removed': { lose: ({ disk }) => rmSync(disk.databaseFile) },
  'its WAL is removed': { lose: ({ disk }) => rmSync(`${disk.databaseFile}-wal`) },
  'its folder is moved away': {
    lose: ({ disk }) => renameSync(disk.files, `${disk.files}-away`),
    putBack: ({ disk }) => renameSync(`${disk.files}-away`, disk.files),
  },
  'its folder is removed, and an empty one put there': {
    lose({ disk }) {
      rmSync(disk.files, { recursive: true });
      mkdirSync(disk.files);
    },
  },
  'another file takes its place at once': {
    lose({ disk }) {
      linkSync(disk.databaseFile, ownNameOf(disk));
      copyFileSync(disk.databaseFile, `${disk.databaseFile}.copy`);
      renameSync(`${disk.databaseFile}.copy`, disk.databaseFile);
    },
    putBack: rollBack,
  },
  'it is renamed, and copied to its old name': {
    lose({ disk }) {
      renameSync(disk.databaseFile, ownNameOf(disk));
      copyFileSync(ownNameOf(disk), disk.databaseFile);
    },
    putBack: rollBack,
  },
  // As at the start of a copy: opening it must not treat its log as a leftover.
  'it is renamed, and an empty file made in its place': {
    lose({ disk }) {
      renameSync(disk.databaseFile, ownNameOf(disk));
      writeFileSync(disk.databaseFile, '');
    },
    putBack: rollBack,
  },
};

export const lossNames = Object.keys(losses);

/**
 * A running server loses its files: it reports that and exits, without creating new ones. Restored,
 * they have every acknowledged order.
 */
export const loseFiles = (runtime: MachineRuntime, name: string, seed: number): Promise<CaseResult> =>
  runCase(name, new ServerRun(runtime, seed), async (run) => {
    const { databaseFile } = run.disk;
    await run.open();
    const crowd = await run.sell(SHOPPERS);
    losses[name]?.lose(run);
    const asked = run.askForLongReads();
    const wasThere = existsSync(databaseFile);
    await run.expectFault();
    await Promise.all([crowd.end(), asked]);
    run.expect(
      run.server.output().includes('was removed or replaced'),
      `the log does not say what happened: ${run.server.output().slice(-500)}`,
    );
    run.expect(existsSync(databaseFile) === wasThere, 'the live server has made a new file');
    if (losses[name]?.putBack) {
      losses[name].putBack(run);
      await run.recover();
      await run.stop();
    }
    if (name !== 'the file is removed') return;
    // SQLite itself would create an empty file now, and discard the log.
    const { code, output } = await run.startExpectingFailure();
    run.expect(code === 1, `a start without the file ended with ${code}`);
    run.expect(output.includes('Put the file back'), 'a start without the file does not say what to do');
    run.expect(!existsSync(databaseFile), 'a start has made a new file beside the log of the old one');
    run.expect(existsSync(`${databaseFile}-wal`), 'a start has thrown the log away');
  });

/** The file system becomes read-only: a running server exits, and no other starts on it. */
export const makeReadOnly = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('a disk that becomes read-only', new ServerRun(runtime, seed), async (run) => {
    const { control } = run.disk;
    await run.open();
    const crowd = await run.sell(SHOPPERS);
    control.arm({ kind: 'write', at: 1, errno: 'EROFS', forever: true });
    await run.expectFault();
    await crowd.end();
    control.arm({ kind: 'open', at: 1, errno: 'EROFS', forever: true });
    const { code, output } = await run.startExpectingFailure();
    run.expect(code === 1, `a start on a read-only disk ended with ${code}`);
    run.expect(output.includes("can't start"), 'a start on a read-only disk does not say why it fails');
    control.disarm();
    await run.recover();
    await run.stop();
  });
