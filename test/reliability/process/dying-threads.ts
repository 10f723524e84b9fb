/**
 * Threads that die, and memory that runs out: the server stops accepting orders and exits, and its
 * restart has all.
 */

import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import type { Act } from './places.ts';

/** The ways in which a thread dies. */
export const deaths: readonly Act[] = ['throw', 'exit', 'terminate'];

export const loseWriter = (runtime: MachineRuntime, act: Act, seed: number): Promise<CaseResult> =>
  runCase(`the writer's thread is lost: ${act}`, new FaultRun(runtime, seed), async (run) => {
    await run.open();
    // The writer can't terminate itself from outside.
    const place = act === 'terminate' ? 'a purchase begins' : 'the writer gets a batch';
    await run.exchangeForFaulty({ place, act, passage: 40 });
    const crowd = run.letIn();
    await run.expectFault();
    await crowd.end();
    run.expect(run.server.output().includes('the writer failed'), `the log does not say why: ${run.tail()}`);
    const unheard = run.ledger
      .calls()
      .some(({ result }) => result?.kind === 'unknown' && result.reason.includes('outcome_unknown'));
    // The other ways may fall between two batches.
    run.expect(unheard || act !== 'exit', 'nobody at the writer was told that his outcome is unknown');
    await run.recover();
    await run.stop();
    return undefined;
  });

/** One of two threads that serve HTTP. */
export const loseHttpThread = (runtime: MachineRuntime, act: Act, seed: number): Promise<CaseResult> =>
  runCase(
    `an HTTP thread is lost: ${act}`,
    new FaultRun(runtime, seed, { env: { HTTP_THREADS: '2' } }),
    async (run) => {
      await run.open();
      await run.exchangeForFaulty({ place: 'a purchase begins', act, passage: 20, isBeside: true });
      const crowd = run.letIn(32);
      await run.expectFault();
      await crowd.end();
      run.expect(
        run.server.output().includes('an HTTP thread failed'),
        `the log does not say why: ${run.tail()}`,
      );
      await run.recover();
      await run.stop();
      return undefined;
    },
  );

/** The main thread, which serves HTTP too: a supervisor must not take that for an intended exit. */
export const loseMainThread = (runtime: MachineRuntime, seed: number): Promise<CaseResult> =>
  runCase('the main thread is lost', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    await run.exchangeForFaulty({ place: 'a purchase begins', act: 'throw', passage: 60 });
    const crowd = run.letIn();
    const end = await run.ended();
    run.expect(end?.code === 1, `it ended with ${JSON.stringify(end)}: ${run.tail()}`);
    await run.server.kill();
    await crowd.end();
    await run.recover();
    await run.stop();
    return undefined;
  });

const smallHeap = { NODE_OPTIONS: '--max-old-space-size=64' };
const LOAD_MS = 2_000;

/**
 * In the writer's thread, or in the main one, where Node itself aborts with SIGABRT. Bun has no
 * memory limit of its own, so these run on Node.
 */
export const runOutOfMemory = (where: 'writer' | 'main', seed: number): Promise<CaseResult> =>
  runCase(`out of memory in the ${where}'s thread`, new FaultRun('node', seed), async (run) => {
    await run.open();
    const place = where === 'writer' ? 'the writer gets a batch' : 'a purchase begins';
    await run.exchangeForFaulty({ place, act: 'hoard', passage: 40 }, smallHeap);
    const crowd = run.letIn();
    if (where === 'writer') await run.expectFault();
    else {
      const end = await run.ended();
      run.expect(end?.signal === 'SIGABRT', `it ended with ${JSON.stringify(end)}: ${run.tail()}`);
      await run.server.kill();
    }
    await crowd.end();
    await run.recover();
    await run.stop();
    return undefined;
  });

/** Little memory under load: the server may exit or not. */
export const liveOnLittleMemory = (seed: number): Promise<CaseResult> =>
  runCase('64 MB under load', new FaultRun('node', seed), async (run) => {
    await run.open();
    await run.stop();
    await run.start({ env: smallHeap });
    const crowd = run.letIn(64);
    const end = await run.ended(LOAD_MS);
    await crowd.end();
    run.expect(end === null || end.code !== 0, 'it ended as if somebody had wanted it');
    if (end) await run.start();
    await run.replay();
    run.judge();
    await run.stop();
    return { figures: { survived: end ? 0 : 1 } };
  });
