/** How long properties are searched for a counterexample: FC_RUNS asks for more, FC_SEED repeats a search. */
import type { Parameters } from 'fast-check';

/** `normal` runs, or as many as FC_RUNS says; a failure prints its seed. */
export function runs<T>(normal: number): Parameters<T> {
  const { FC_RUNS, FC_SEED } = process.env;
  return { numRuns: Number(FC_RUNS ?? normal), ...(FC_SEED !== undefined && { seed: Number(FC_SEED) }) };
}
