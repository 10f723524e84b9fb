/** A server as a child process: observed through its output, stopped, or killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ServerCommand {
  program: string;
  args: readonly string[];
  cwd?: string;
  env: Readonly<Record<string, string | undefined>>;
  /** How many of the last characters of output to keep; all of them when absent. */
  outputCharactersMax?: number;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface SpawnedServer {
  child: ChildProcess;
  pid: number;
  /** Everything that the process has printed, both streams in order of arrival. */
  output: () => string;
  /** Resolves once the process has ended. */
  exited: Promise<ProcessEnd>;
  /**
   * Resolves with the URL of the server's `listening` log line. Rejects with its last output, and
   * kills it, if it ends first or takes longer.
   */
  listening: (deadlineMs: number) => Promise<string>;
  /** Resolves once the server has logged that it has warmed up, or after the deadline. */
  warmedUp: (deadlineMs: number) => Promise<void>;
  /** Sends SIGTERM and waits for the graceful end; sends SIGKILL if that takes longer. */
  stop: (deadlineMs?: number) => Promise<ProcessEnd>;
  /** Sends SIGKILL and waits for the end. */
  kill: () => Promise<void>;
}

const listeningUrl = /"msg":"listening".*?"url":"(http:[^"]+)"|"url":"(http:[^"]+)".*?"msg":"listening"/;
const shownCharactersMax = 4_000;
const WARM_UP_CHECK_MS = 20;

/** Spawns the server without waiting for it to listen. */
export function spawnServer(command: ServerCommand): SpawnedServer {
  const { program, args, env, cwd, outputCharactersMax = Number.POSITIVE_INFINITY } = command;
  const child = spawn(program, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as ProcessEnd);
  const listens = Promise.withResolvers<string>();
  const closed = Promise.withResolvers<void>();
  child.once('close', () => closed.resolve());
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-outputCharactersMax);
      const [, after, before] = listeningUrl.exec(printed) ?? [];
      const url = after ?? before;
      if (url !== undefined) listens.resolve(url);
    });
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    child,
    pid: child.pid ?? 0,
    output: () => printed,
    exited,
    async listening(deadlineMs) {
      const first = await within(deadlineMs, Promise.race([listens.promise, exited]));
      if (typeof first === 'string') return first;
      await kill();
      // By then the whole output has been read.
      await closed.promise;
      const how = first === undefined ? `did not listen within ${deadlineMs / 1000} s` : 'did not start';
      throw new Error(`The server ${how}. It printed:\n${printed.slice(-shownCharactersMax)}`);
    },
    async warmedUp(deadlineMs) {
      const endMs = performance.now() + deadlineMs;
      while (!printed.includes('"msg":"warmed up"') && performance.now() < endMs)
        await sleep(WARM_UP_CHECK_MS);
    },
    async stop(deadlineMs) {
      child.kill('SIGTERM');
      if (deadlineMs !== undefined && (await within(deadlineMs, exited)) === undefined) await kill();
      return exited;
    },
    kill,
  };
}

/** Resolves with undefined if `promise` takes longer. */
function within<T>(deadlineMs: number, promise: Promise<T>): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), deadlineMs);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
