/** Threads or a process that stall: waiting calls are answered, nothing is lost or doubled. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStream } from '../../support/event-stream.ts';
import { patienceMs } from '../../support/patience.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import type { FaultAt } from './places.ts';

/** How long answers may wait for the end of a stall, in milliseconds. */
const STALL_MS = 500;
const FREEZE_MS = 3_000;
const SALES_BEFORE = 50;
const DEADLINE_MS = 500;
/** The longest deadline that a server accepts. */
const LONG_DEADLINE_MS = 60_000;
/** Reads answered while the writer stalls. */
const READS = 20;

/** Waits for a stock event after the first `receivedBefore`, at a client connected before. */
const expectLiveStock = (run: FaultRun, stream: EventStream, receivedBefore: number): Promise<void> =>
  run.until(
    () => stream.received.length > receivedBefore,
    () => `live stock has ended: ${stream.received.length} messages, ended: ${stream.hasEnded}`,
  );

/** Calls `during` once the thread stalls; the stall ends with it. */
async function stallUnderLoad(
  run: FaultRun,
  fault: Omit<FaultAt, 'act' | 'stallFile'>,
  during: () => Promise<void>,
): Promise<void> {
  const stallFile = join(run.folder, 'stalled');
  await run.open();
  await run.exchangeForFaulty({ ...fault, act: 'stall', stallFile });
  const dropId = run.drops.offers[0]?.dropId;
  const stream = await new EventStream().open(`${run.server.url}/drops/${dropId}/stock`);
  const crowd = run.letIn();
  await run.until(
    () => existsSync(stallFile),
    () => `${fault.place}: there was no stall`,
  );
  await during();
  const received = stream.received.length;
  rmSync(stallFile);
  await expectLiveStock(run, stream, received);
  stream.close();
  await crowd.end();
  await run.replay();
  run.judge();
  await run.stop();
}

/** The thread that serves HTTP stalls. */
export const stallHttp = (runtime: MachineRuntime, seed: number): Promise<CaseResult> => {
  const env = { WRITE_DEADLINE_MS: String(LONG_DEADLINE_MS) };
  return runCase('the HTTP thread stalls', new FaultRun(runtime, seed, { env }), async (run) => {
    await stallUnderLoad(run, { place: 'a purchase begins', passage: 100 }, () => sleep(STALL_MS));
    const { unknown = 0 } = run.counts();
    run.expect(unknown === 0, `${unknown} were left without an answer by a stall within the deadlines`);
    return undefined;
  });
};

/** The writer's thread stalls: queued commands time out, and reads go on. */
export const stallWriter = (runtime: MachineRuntime, seed: number): Promise<CaseResult> => {
  const env = { WRITE_DEADLINE_MS: String(DEADLINE_MS) };
  return runCase('the writer stalls', new FaultRun(runtime, seed, { env }), async (run) => {
    const timedOut = (): number =>
      run.ledger
        .calls()
        .filter(({ result }) => result?.kind === 'unknown' && result.reason.startsWith('503 ')).length;
    let reads = 0;
    await stallUnderLoad(run, { place: 'the writer gets a batch', passage: 30 }, async () => {
      // The writer stalls until this ends: a call that waited for it would never be answered.
      const before = timedOut();
      await run.until(
        async () => {
          const answer = await fetch(`${run.server.url}/drops`, { signal: AbortSignal.timeout(patienceMs) });
          await answer.text();
          run.expect(
            answer.status === 200,
            `/drops was answered ${answer.status} beside a writer that stalls`,
          );
          reads += 1;
          return reads >= READS && timedOut() > before;
        },
        () => `no purchase reached its deadline beside ${reads} reads`,
      );
    });
    return undefined;
  });
};

/** The whole process stops, as in a migrated virtual machine, and continues. */
export const freeze = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('the process is frozen', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const stream = await new EventStream().open(
      `${run.server.url}/drops/${run.drops.offers[0]?.dropId}/stock`,
    );
    const crowd = run.letIn();
    await run.sells('before the freeze', SALES_BEFORE);
    process.kill(run.server.pid, 'SIGSTOP');
    await sleep(FREEZE_MS);
    const received = stream.received.length;
    process.kill(run.server.pid, 'SIGCONT');
    await expectLiveStock(run, stream, received);
    await run.sells('after the process goes on');
    stream.close();
    await crowd.end();
    const { slowestMs } = crowd.client;
    run.expect(
      slowestMs > FREEZE_MS / 2,
      `there was no freeze: the slowest answer took ${Math.round(slowestMs)} ms, with a rest of ${FREEZE_MS}`,
    );
    await run.replay();
    run.judge();
    await run.stop();
    return undefined;
  });
