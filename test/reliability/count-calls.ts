/** Counts a ledger's calls by their last known outcome. */
import type { Call } from '../../src/crowd/ledger.ts';

/** Counts by `ok`, `unknown`, `open` (no answer yet), or the code of a refusal. */
export function countCalls(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of calls) {
    const kind = result?.kind === 'refused' ? result.code : (result?.kind ?? 'open');
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
