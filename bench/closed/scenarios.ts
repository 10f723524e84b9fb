/** What the closed loop compares: each scenario's server, drop and mix. */
import type { Ask } from './closed-loop.ts';

export interface Scenario {
  name: string;
  /** `hello` is the reference; `stampede` is the real server. */
  server: 'hello' | 'stampede';
  ask: Ask;
  /** Units for sale over all items. */
  stock: number;
  env: Record<string, string>;
}

const plenty = 10_000_000;
const drop = (readShare: number): Ask => ({ kind: 'drop', readShare });

export const hello: Scenario = {
  name: 'hello',
  server: 'hello',
  ask: { kind: 'hello' },
  stock: 0,
  env: {},
};
export const oneByOne = 'purchases, one per commit';
export const grouped = 'purchases, group commit';

export const scenarios: readonly Scenario[] = [
  hello,
  { name: '60 % reads, 40 % purchases', server: 'stampede', ask: drop(0.6), stock: plenty, env: {} },
  { name: 'reads only', server: 'stampede', ask: drop(1), stock: plenty, env: {} },
  { name: 'refused after sell-out', server: 'stampede', ask: drop(0), stock: 3, env: {} },
  { name: grouped, server: 'stampede', ask: drop(0), stock: plenty, env: {} },
  { name: oneByOne, server: 'stampede', ask: drop(0), stock: plenty, env: { WRITE_BATCH_MAX: '1' } },
];
