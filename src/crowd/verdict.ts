/** What an answer says about the call: done, definitely not done, or unknown. */

export type Verdict =
  | { kind: 'ok'; body: string; isReplay: boolean }
  /** Definitely without effect. */
  | { kind: 'refused'; code: string }
  /** May have had an effect. */
  | { kind: 'unknown'; reason: string };

/**
 * The only 5xx codes that promise no effect of this request; they say nothing about an earlier one.
 */
const shed: ReadonlySet<string> = new Set(['overloaded', 'disk_full', 'stopping']);

/** Whether the answer decides the call, whichever attempt had the effect. */
export const isDefinite = (verdict: Verdict): boolean =>
  verdict.kind === 'ok' || (verdict.kind === 'refused' && !shed.has(verdict.code));

function codeOf(body: string): string | undefined {
  try {
    const problem = JSON.parse(body) as { code?: unknown } | null;
    return typeof problem?.code === 'string' ? problem.code : undefined;
  } catch {
    return undefined;
  }
}

/** Returns what a complete answer says. */
export function verdictOf(status: number, body: string, isReplay: boolean): Verdict {
  if (status === 200 || status === 201) return { kind: 'ok', body, isReplay };
  const code = codeOf(body);
  if (code !== undefined && status >= 400 && status < 500) return { kind: 'refused', code };
  if (code !== undefined && status === 503 && shed.has(code)) return { kind: 'refused', code };
  return { kind: 'unknown', reason: `${status} ${code ?? body.slice(0, 200)}` };
}
