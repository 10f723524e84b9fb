/** Counts a ledger's calls by what was last heard of them. */
import type { Call } from '../../src/crowd/ledger.ts';

/** Under `ok`, `unknown`, `open` (nothing heard), or the code of a refusal. */
export function countCalls(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of calls) {
    const kind = result?.kind === 'refused' ? result.code : (result?.kind ?? 'open');
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
