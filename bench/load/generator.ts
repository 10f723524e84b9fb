/** The generator's process: gets one plan from its parent, runs it, sends the result and exits. */
import { generate } from './generate.ts';
import type { GeneratorMessage, GeneratorPlan } from './generator-protocol.ts';

const tell = (message: GeneratorMessage, told?: () => void): void => {
  process.send?.(message, undefined, undefined, told);
};

process.once('message', async (plan: GeneratorPlan) => {
  const result = await generate(plan, (progress) => tell({ kind: 'progress', progress }));
  tell({ kind: 'result', result }, () => process.disconnect());
});
// Without a parent, no process reads the figures.
process.once('disconnect', () => process.exit());
