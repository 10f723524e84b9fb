/** The floor server as a contender. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { OpenDrop } from '../load/drop-for-load.ts';
import type { Contender } from '../rounds/contender.ts';
import type { Answers } from './answers.ts';

export type Runtime = 'node' | 'bun';

const program = fileURLToPath(new URL('./floor-server.ts', import.meta.url));
const programs = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));

/** Returns a server that sends these answers to requests for `drops`. It stores nothing. */
export const floor = (runtime: Runtime, answers: Answers, drops: readonly OpenDrop[]): Contender => ({
  name: `floor on ${runtime}`,
  async start(folder) {
    const file = join(folder, 'answers.json');
    writeFileSync(file, JSON.stringify(answers));
    const fromMs = performance.now();
    const child = spawn(join(programs, runtime), [program, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
    const [url] = await Promise.race([line, ended]);
    if (typeof url !== 'string') throw new Error(`The floor server on ${runtime} did not start.`);
    await (await fetch(`${url}/drops`)).text();
    return {
      url,
      pid: child.pid ?? 0,
      firstAnswerMs: performance.now() - fromMs,
      drops,
      secretKey: '',
      stop: () => {
        child.kill('SIGKILL');
        return ended;
      },
      check: async () => [],
    };
  },
});
