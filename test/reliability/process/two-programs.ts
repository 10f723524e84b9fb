/** Other programs on a running server's file: long readers, lock holders, the command line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../support/server-process.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';

const program = fileURLToPath(new URL('./other-program.ts', import.meta.url));

interface Holding {
  what: 'read' | 'lock';
  /** Until `end` when absent. */
  holdMs?: number;
  times?: number;
  pauseMs?: number;
  /** Called each time that the program holds the lock or read. */
  onHold?: () => void;
}

interface Holder {
  /** Releases; resolves once the program has exited, and records a violation if it failed. */
  end(): Promise<void>;
}

/** Resolves once the other program holds the read or the lock. Rejects if it exits before. */
export async function holdBeside(run: FaultRun, holding: Holding): Promise<Holder> {
  const { what, holdMs = '', times = 1, pauseMs = 0, onHold } = holding;
  const args = [program, what, run.databaseFile, holdMs, times, pauseMs].map(String);
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  // A failed run kills its server, and must leave no program behind.
  void run.server.exited.then(() => child.stdin.end());
  child.stdout.on('data', (text) => {
    for (const _ of String(text).matchAll(/holds/g)) onHold?.();
  });
  const early = new AbortController();
  child.once('exit', () => early.abort(new Error(`The program that was to hold a ${what} has ended.`)));
  await once(child.stdout, 'data', { signal: early.signal });
  return {
    async end() {
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const { exitCode, signalCode } = child;
      run.expect(exitCode === 0, `the other program ended with ${exitCode ?? signalCode}`);
    },
  };
}

/** Calls completed during the read, and WAL pages written: several times a checkpoint's. */
const CALLS_BESIDE = 1_000;
const PAGES_BESIDE = 4_000;
/** Calls of each small crowd after the read: enough commits to restart the WAL. */
const CALLS_AFTER = 20;

/**
 * A long read keeps the WAL from restarting: purchases go on, /metrics shows it, and it ends with
 * the read.
 */
export const readLong = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('a long reader', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = run.letIn();
    await crowd.shoppers.begun;
    const reader = await holdBeside(run, { what: 'read' });
    // A call that waited for the reader would never complete.
    await run.sells('beside a reader', CALLS_BESIDE);
    // Before the read ends: the WAL may restart right after it.
    let grown = 0;
    await run.until(
      async () => {
        grown = await run.metric('stampede_wal_pages');
        return grown > PAGES_BESIDE;
      },
      () => `/metrics reports ${grown} pages in a WAL of ${statSync(`${run.databaseFile}-wal`).size} bytes`,
    );
    await reader.end();
    await crowd.end();
    // An idle server checkpoints all of it; the first commits after that restart it.
    let pages = grown;
    await run.until(
      async () => {
        const others = run.letIn(2);
        await run.sells('after a reader', CALLS_AFTER);
        await others.end();
        pages = await run.metric('stampede_wal_pages');
        return pages <= grown / 2;
      },
      () => `the WAL still has ${pages} of ${grown} pages after the reader has gone`,
    );
    run.judge();
    await run.stop();
    return { figures: { walPages: grown, walPagesAfter: pages } };
  });

const locked = /database is locked|SQLITE_/;

/** Buyers must not see lock errors, and every unknown outcome must be the server's own answer. */
function expectNothingOfLocks(run: FaultRun): void {
  for (const { invoked, result } of run.ledger.calls()) {
    if (result?.kind !== 'unknown') continue;
    run.expect(!locked.test(result.reason), `${invoked.key} was answered ${result.reason}`);
    run.expect(result.reason.startsWith('503 '), `${invoked.key} got no answer: ${result.reason}`);
  }
}

const BUSY_TIMEOUT_MS = 1_000;
const LOCKS = 8;

/**
 * Another program takes the lock repeatedly, each time for less than the server waits: no call is
 * refused for it.
 */
export const stormOfLocks = (runtime: MachineRuntime, seed: number): Promise<CaseResult> => {
  const env = { BUSY_TIMEOUT_MS: String(BUSY_TIMEOUT_MS) };
  return runCase('a storm of locks', new FaultRun(runtime, seed, { env }), async (run) => {
    await run.open();
    const crowd = run.letIn();
    const holder = await holdBeside(run, {
      what: 'lock',
      holdMs: 200,
      times: LOCKS,
      pauseMs: 60,
      onHold: () => {
        run.cases += 1;
      },
    });
    await holder.end();
    run.expect(run.cases === LOCKS, `the lock was taken ${run.cases} times of ${LOCKS}`);
    await run.sells('after the locks');
    await crowd.end();
    expectNothingOfLocks(run);
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
};

/**
 * Another program keeps the lock for longer than the server waits: it refuses, does not exit, and
 * then sells again.
 */
export const keepLock = (runtime: MachineRuntime, seed: number): Promise<CaseResult> => {
  const env = { BUSY_TIMEOUT_MS: '300', WRITE_DEADLINE_MS: '2000' };
  return runCase('a lock that is kept', new FaultRun(runtime, seed, { env }), async (run) => {
    await run.open();
    const crowd = run.letIn();
    const holder = await holdBeside(run, { what: 'lock' });
    await run.until(
      () => (run.counts().overloaded ?? 0) > 0,
      () => 'no purchase was refused while the lock was kept',
    );
    await holder.end();
    await run.sells('after the lock');
    await crowd.end();
    expectNothingOfLocks(run);
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
};

/** Runs the command line to its end, concurrently. */
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
export const workAtTheConsole = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('the command line beside the server', new FaultRun(runtime, seed), async (run) => {
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
    await run.sells('beside the command line');
    await crowd.end();
    expectNothingOfLocks(run);
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
