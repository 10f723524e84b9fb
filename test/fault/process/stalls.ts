/** Threads that stand still for a while, and a process that does: who waits is answered, and nothing is lost or doubled. */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStream } from '../../support/event-stream.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type Played, playOn } from '../played.ts';
import type { FaultAt } from './places.ts';

const STALL_MS = 2_000;
/** Many times the deadline: what waits for the end of the stall is told from what a slow machine does. */
const WRITER_STALL_MS = 6_000;
const FREEZE_MS = 3_000;
const DEADLINE_MS = 500;
/** How long a stall may be waited for, or what follows a freeze. */
const SOON_MS = 60_000;

/** Stock that is told after the stall, to somebody who has listened since before it. */
async function expectLiveStock(run: FaultRun, stream: EventStream, heardBefore: number): Promise<void> {
  for (const deadline = Date.now() + SOON_MS; Date.now() < deadline; await sleep(50)) {
    if (stream.heard.length > heardBefore) return;
  }
  run.expect(false, `live stock has ended: ${stream.heard.length} messages, ended: ${stream.hasEnded}`);
}

/** `during` is called until the slowest answer took longer than `expectedMs`, which tells of the stall. */
async function stallUnderLoad(
  run: FaultRun,
  fault: FaultAt,
  expectedMs: number,
  during: () => Promise<void>,
): Promise<number> {
  await run.open();
  await run.exchangeForFaulty(fault);
  const dropId = run.drops.offers[0]?.dropId;
  const stream = await new EventStream().open(`${run.server.url}/drops/${dropId}/stock`);
  const crowd = run.letIn();
  await crowd.shoppers.begun;
  // A slow machine comes late to the passage at which it stalls.
  const deadline = Date.now() + SOON_MS;
  do await during();
  while (crowd.client.slowestMs <= expectedMs && Date.now() < deadline);
  await expectLiveStock(run, stream, stream.heard.length);
  stream.close();
  await crowd.end();
  await run.replay();
  run.judge();
  await run.stop();
  return crowd.client.slowestMs;
}

/** The thread that serves HTTP does nothing for two seconds. */
export const stallHttp = (runtime: MachineRuntime, seed: number): Promise<Played> =>
  playOn('the HTTP thread stalls', new FaultRun(runtime, seed), async (run) => {
    const fault = { place: 'a purchase begins', act: 'stall', passage: 100, stallMs: STALL_MS } as const;
    const slowest = await stallUnderLoad(run, fault, STALL_MS / 2, () => sleep(STALL_MS));
    run.expect(slowest > STALL_MS / 2, `there was no stall: the slowest answer took ${slowest} ms`);
    const { unknown = 0 } = run.counts();
    run.expect(unknown === 0, `${unknown} were left without an answer by a stall within the deadlines`);
    return undefined;
  });

/** The writer's thread does nothing for six seconds: the queue answers at its deadlines, and reads go on. */
export const stallWriter = (runtime: MachineRuntime, seed: number): Promise<Played> => {
  const env = { WRITE_DEADLINE_MS: String(DEADLINE_MS) };
  return playOn('the writer stalls', new FaultRun(runtime, seed, { env }), async (run) => {
    const fault = {
      place: 'the writer gets a batch',
      act: 'stall',
      passage: 30,
      stallMs: WRITER_STALL_MS,
    } as const;
    let slowestReadMs = 0;
    const slowest = await stallUnderLoad(run, fault, DEADLINE_MS, async () => {
      const untilMs = performance.now() + WRITER_STALL_MS;
      while (performance.now() < untilMs) {
        const begunMs = performance.now();
        const answer = await fetch(`${run.server.url}/drops`);
        await answer.text();
        run.expect(answer.status === 200, `/drops was answered ${answer.status} beside a writer that stalls`);
        slowestReadMs = Math.max(slowestReadMs, performance.now() - begunMs);
        await sleep(20);
      }
    });
    run.expect(
      slowestReadMs < WRITER_STALL_MS / 2,
      `a read waited ${Math.round(slowestReadMs)} ms for the writer`,
    );
    run.expect(slowest > DEADLINE_MS, `there was no stall: the slowest answer took ${slowest} ms`);
    run.expect(slowest < WRITER_STALL_MS, `an answer took ${Math.round(slowest)} ms`);
    return { figures: { slowestReadMs: Math.round(slowestReadMs), slowestMs: Math.round(slowest) } };
  });
};

/** The whole process stands still, as in a machine that was moved, and goes on. */
export const freeze = (runtime: MachineRuntime, seed: number): Promise<Played> =>
  playOn('the process is frozen', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const stream = await new EventStream().open(
      `${run.server.url}/drops/${run.drops.offers[0]?.dropId}/stock`,
    );
    const crowd = run.letIn();
    await crowd.shoppers.begun;
    await sleep(200);
    process.kill(run.server.pid, 'SIGSTOP');
    await sleep(FREEZE_MS);
    const heard = stream.heard.length;
    const sold = run.counts().ok ?? 0;
    process.kill(run.server.pid, 'SIGCONT');
    await expectLiveStock(run, stream, heard);
    for (const deadline = Date.now() + SOON_MS; Date.now() < deadline; await sleep(50)) {
      if ((run.counts().ok ?? 0) > sold) break;
    }
    run.expect((run.counts().ok ?? 0) > sold, 'nothing is sold after the process goes on');
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
