/** The floor server as a contender. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenDrop } from '../load/drop-for-load.ts';
import type { Contender } from '../rounds/contender.ts';
import { type RuntimeName, startServer } from '../rounds/server.ts';
import type { Answers } from './answers.ts';

/** Returns a server that sends these answers to requests for `drops`. It stores nothing. */
export const floor = (runtime: RuntimeName, answers: Answers, drops: readonly OpenDrop[]): Contender => ({
  name: `floor on ${runtime}`,
  async start(folder) {
    const file = join(folder, 'answers.json');
    writeFileSync(file, JSON.stringify(answers));
    const fromMs = performance.now();
    const server = await startServer({
      runtime,
      program: 'bench/floor/floor-server.ts',
      args: [file],
      databaseFile: join(folder, 'unused.db'),
    });
    await (await fetch(`${server.url}/drops`)).text();
    return {
      url: server.url,
      pid: server.pid,
      firstAnswerMs: performance.now() - fromMs,
      drops,
      secretKey: '',
      stop: () => server.kill(),
      check: async () => [],
    };
  },
});
