/** The scenarios of the closed loop: each with its server and mix. */
import { type RuntimeName, startServer } from '../../test/support/server-process.ts';
import type { Ask } from '../rounds/closed-loop.ts';
import type { Contender } from '../rounds/contender.ts';
import { stampede } from '../rounds/stampede.ts';

export interface Scenario {
  contender: Contender;
  ask: Ask;
}

const plenty = 10_000_000;
const drop = (readShare: number): Ask => ({ kind: 'drop', readShare });

export const reference = 'hello';
export const oneByOne = 'purchases, one per commit';
export const grouped = 'purchases, group commit';

/** Returns the reference, which stores nothing, so it has no checks. */
const hello = (runtime: RuntimeName): Contender => ({
  name: reference,
  async start() {
    const server = await startServer({ runtime, program: 'bench/closed/hello-server.ts' });
    const { url, pid } = server;
    return { url, pid, drops: [], secretKey: '', stop: () => server.kill(), check: async () => [] };
  },
});

export function scenariosOf(runtime: RuntimeName): Scenario[] {
  const ours = (name: string, stock: number, env: Record<string, string> = {}): Contender =>
    stampede({ name, runtime, stock, env });
  return [
    { contender: hello(runtime), ask: { kind: 'hello' } },
    { contender: ours('60 % reads, 40 % purchases', plenty), ask: drop(0.6) },
    { contender: ours('reads only', plenty), ask: drop(1) },
    { contender: ours('refused after sell-out', 3), ask: drop(0) },
    { contender: ours(grouped, plenty), ask: drop(0) },
    { contender: ours(oneByOne, plenty, { WRITE_BATCH_MAX: '1' }), ask: drop(0) },
  ];
}
