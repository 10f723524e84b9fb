/** Other programs on the file of a live server: long readers, holders of the lock, and the command line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { root } from '../../support/server-process.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type Played, playOn } from '../played.ts';

const program = fileURLToPath(new URL('./other-program.ts', import.meta.url));

interface Holding {
  what: 'read' | 'lock';
  holdMs: number;
  times?: number;
  pauseMs?: number;
  /** Called each time that it holds. */
  onHold?: () => void;
}

/** Resolves once the other program holds what it is to hold. Rejects where it ends before. */
export async function holdBeside(run: FaultRun, holding: Holding): Promise<ChildProcess> {
  const { what, holdMs, times = 1, pauseMs = 0, onHold } = holding;
  const args = [program, what, run.databaseFile, holdMs, times, pauseMs].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', (text) => {
    for (const _ of String(text).matchAll(/holds/g)) onHold?.();
  });
  const early = new AbortController();
  child.once('exit', () => early.abort(new Error(`The program that was to hold a ${what} has ended.`)));
  await once(child.stdout, 'data', { signal: early.signal });
  return child;
}

/** Resolves once the other program has ended; notes a violation where it has not done all that it was to do. */
async function gone(run: FaultRun, child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const { exitCode, signalCode } = child;
  run.expect(exitCode === 0, `the other program ended with ${exitCode ?? signalCode}`);
}

const READER_MS = 6_000;
/** How often the server looks at its WAL, and how long the WAL may take to begin anew. */
const LOOK_MS = 1_000;
const SHRINK_MS = 60_000;
/** Whatever waits for the end of the reader waits longer. */
const PAUSE_MAX_MS = READER_MS / 2;

/** A reader that stays keeps the WAL from beginning anew: purchases go on, /metrics shows it, and it ends with the reader. */
export const readLong = (runtime: MachineRuntime, seed: number): Promise<Played> =>
  playOn('a long reader', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = run.letIn();
    await crowd.shoppers.begun;
    const reader = await holdBeside(run, { what: 'read', holdMs: READER_MS });
    const begunMs = performance.now();
    let isGone = false;
    const end = gone(run, reader).then(() => {
      isGone = true;
    });
    // While the reader is there: once it is gone the WAL may begin anew before anybody looks.
    let grown = 0;
    let wal = 0;
    while (!isGone) {
      grown = Math.max(grown, await run.metric('stampede_wal_pages'));
      wal = statSync(`${run.databaseFile}-wal`).size;
      await Promise.race([end, sleep(LOOK_MS / 4)]);
    }
    const endedMs = performance.now();
    const done = crowd.client.doneMs.filter((ms) => ms > begunMs && ms < endedMs);
    const pauses = done.map((ms, index) => ms - (done[index - 1] ?? begunMs));
    run.expect(done.length > 10, `${done.length} calls were done beside a reader`);
    const longest = Math.round(Math.max(...pauses));
    run.expect(longest < PAUSE_MAX_MS, `nothing was done for ${longest} ms beside a reader`);
    run.expect(grown > wal / 4_120 / 4, `/metrics tells of ${grown} pages in a WAL of ${wal} bytes`);
    // At rest all of it is copied; the first commits after that begin it anew.
    let pages = grown;
    for (const deadline = Date.now() + SHRINK_MS; pages > grown / 2 && Date.now() < deadline; ) {
      crowd.shoppers.stop();
      await sleep(LOOK_MS / 2);
      const others = run.letIn(2);
      await sleep(100);
      await others.end();
      pages = await run.metric('stampede_wal_pages');
    }
    run.expect(pages <= grown / 2, `the WAL still has ${pages} of ${grown} pages when the reader is gone`);
    await crowd.end();
    run.judge();
    await run.stop();
    return { figures: { walPages: grown, walPagesAfter: pages, longestPauseMs: longest } };
  });

const locked = /database is locked|SQLITE_/;

/** What no buyer may read, and every unknown answer must be one of ours. */
function expectNothingOfLocks(run: FaultRun): void {
  for (const { invoked, result } of run.ledger.calls()) {
    if (result?.kind !== 'unknown') continue;
    run.expect(!locked.test(result.reason), `${invoked.key} was answered ${result.reason}`);
    run.expect(result.reason.startsWith('503 '), `${invoked.key} got no answer: ${result.reason}`);
  }
}

const BUSY_TIMEOUT_MS = 1_000;
const LOCKS = 8;

/** Somebody takes the lock again and again, each time for less than the server waits: nobody is refused for it. */
export const stormOfLocks = (runtime: MachineRuntime, seed: number): Promise<Played> => {
  const env = { BUSY_TIMEOUT_MS: String(BUSY_TIMEOUT_MS) };
  return playOn('a storm of locks', new FaultRun(runtime, seed, { env }), async (run) => {
    await run.open();
    const crowd = run.letIn();
    const holder = await holdBeside(run, {
      ...{ what: 'lock', holdMs: 200, times: LOCKS, pauseMs: 60 },
      onHold: () => {
        run.cases += 1;
      },
    });
    await gone(run, holder);
    await crowd.end();
    run.expect(run.cases === LOCKS, `the lock was taken ${run.cases} times of ${LOCKS}`);
    expectNothingOfLocks(run);
    run.expect((run.counts().ok ?? 0) > LOCKS, 'next to nothing was sold between the locks');
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
};

/** Somebody keeps the lock for longer than the server waits: it refuses, and does not die; then it sells again. */
export const keepLock = (runtime: MachineRuntime, seed: number): Promise<Played> => {
  const env = { BUSY_TIMEOUT_MS: '300', WRITE_DEADLINE_MS: '2000' };
  return playOn('a lock that is kept', new FaultRun(runtime, seed, { env }), async (run) => {
    await run.open();
    const crowd = run.letIn();
    const holder = await holdBeside(run, { what: 'lock', holdMs: 1_500 });
    await gone(run, holder);
    run.expect((run.counts().overloaded ?? 0) > 0, 'nobody was refused while the lock was kept');
    const before = run.counts().ok ?? 0;
    await run.ended(500);
    run.expect((run.counts().ok ?? 0) > before, `nothing is sold after the lock: ${run.tail()}`);
    await crowd.end();
    expectNothingOfLocks(run);
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
};

/** Runs the command line to its end, beside everything else. */
export async function command(run: FaultRun, ...words: string[]) {
  const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...words], {
    env: { PATH: process.env.PATH, DATABASE_FILE: run.databaseFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, printed };
}

/** An operator works on the file of a busy shop: tokens, an audit, a backup. */
export const workAtTheConsole = (runtime: MachineRuntime, seed: number): Promise<Played> =>
  playOn('the command line beside the server', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = run.letIn(4);
    const works = [
      ['tokens', 'add', 'packing', '--scopes', 'orders:read'],
      ['audit'],
      ['backup'],
      ['tokens', 'revoke', '1'],
    ];
    for (const words of works) {
      const { code, printed } = await command(run, ...words);
      run.cases += 1;
      run.expect(code === 0, `${words.join(' ')} ended with ${code}: ${printed.slice(-300)}`);
    }
    const sold = run.counts().ok ?? 0;
    await run.ended(300);
    run.expect((run.counts().ok ?? 0) > sold, 'nothing is sold beside the command line');
    await crowd.end();
    expectNothingOfLocks(run);
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
