/** The client's process: gets one plan from its parent, runs it, sends the figures and exits. */
import { type ClosedPlan, type ClosedResult, runClosedLoop } from './closed-loop.ts';

export type ClientMessage = { kind: 'begin' | 'end' } | { kind: 'result'; result: ClosedResult };

const tell = (message: ClientMessage): Promise<void> =>
  new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));

process.once('message', async (plan: ClosedPlan) => {
  const result = await runClosedLoop(plan, (kind) => void tell({ kind }));
  await tell({ kind: 'result', result });
  process.disconnect();
});
// Without a parent, no process reads the figures.
process.once('disconnect', () => process.exit());
