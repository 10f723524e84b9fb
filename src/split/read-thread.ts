/** A read thread: runs one request after another on its own read-only connection. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { openReader } from './connection.ts';
import { toSent } from './errors.ts';
import { READ_REST_FACTOR, READ_REST_MAX_MS } from './limits.ts';
import type { ReadsModule } from './read-functions.ts';
import type { FromReadThread, ReadThreadSettings, ToReadThread } from './read-protocol.ts';
import { readStatements } from './read-statements.ts';
import type { Statement, StatementResult } from './statements.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
/**
 * Lowers the thread's priority: handlers and the writer go first when cores are short. On Linux, 0
 * means this thread; elsewhere it would mean the whole process.
 */
const lowerPriority = (priority: number): void => {
  if (process.platform === 'linux') setPriority(0, priority);
};
lowerPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const { connection: settings, functions }: ReadThreadSettings = workerData;
const connection = openReader(settings);

const answer = (message: FromReadThread): void => port.postMessage(message);
const fail = (error: unknown): void => answer({ kind: 'failed', error: toSent(error) });

/** Runs statements in their own read transaction, which sees every commit before it. */
function run(statements: readonly Statement[]): StatementResult[] {
  if (statements.length === 1) return readStatements(connection, statements);
  connection.exec('begin');
  try {
    return readStatements(connection, statements);
  } finally {
    connection.exec('rollback');
  }
}

/** The function in progress. */
let steps: Promise<Generator<unknown, void>> | null = null;
let restUntilMs = 0;

async function begin(name: string, input: unknown): Promise<Generator<unknown, void>> {
  const { openReads } = (await import(functions?.href ?? '')) as ReadsModule<unknown>;
  const found = openReads(connection, functions?.options)[name];
  if (!found) throw new Error(`The module of read functions has no ${name}.`);
  return found(input as never);
}

async function next(): Promise<void> {
  try {
    const generator = await steps;
    const begunMs = performance.now();
    const step = generator?.next();
    const endedMs = performance.now();
    restUntilMs = endedMs + Math.min((endedMs - begunMs) * READ_REST_FACTOR, READ_REST_MAX_MS);
    if (step?.done === false && step.value === undefined) nextAfterRest();
    else answer({ kind: 'answer', value: step?.value ?? null });
  } catch (error) {
    fail(error);
  }
}

function nextAfterRest(): void {
  const restMs = restUntilMs - performance.now();
  if (restMs > 0) setTimeout(next, restMs);
  else void next();
}

port.on('message', (message: ToReadThread) => {
  switch (message.kind) {
    case 'run':
      try {
        answer({ kind: 'answer', value: run(message.statements) });
      } catch (error) {
        fail(error);
      }
      return;
    case 'begin':
      // Permanent: a lowered priority cannot be raised again.
      lowerPriority(constants.priority.PRIORITY_LOW);
      steps = begin(message.name, message.input);
      // The `next` that awaits it reports the error.
      steps.catch(() => undefined);
      return;
    case 'next':
      nextAfterRest();
      return;
    case 'close':
      connection.close();
      port.close();
  }
});
