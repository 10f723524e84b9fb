/** Starts the generator as a separate process, so that it shares no thread with the server. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GeneratorMessage, GeneratorPlan, GeneratorResult, Progress } from './generator-protocol.ts';

const program = fileURLToPath(new URL('./generator.ts', import.meta.url));

/**
 * Resolves with the figures; rejects if the generator ends without any (the reason is on standard
 * error).
 */
export function runGenerator(
  plan: GeneratorPlan,
  report: (progress: Progress) => void,
): Promise<GeneratorResult> {
  return new Promise((resolve, reject) => {
    const child = fork(program);
    child.on('message', (message: GeneratorMessage) => {
      if (message.kind === 'progress') report(message.progress);
      else resolve(message.result);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      reject(new Error(`The generator ended without a result (${signal ?? `code ${code}`}).`));
    });
    child.send(plan);
  });
}
