/** Says what an answer of the server promises about the call: done, certainly not done, or nothing at all. */

export type Verdict =
  | { kind: 'ok'; body: string; isReplay: boolean }
  /** Certainly without effect. */
  | { kind: 'refused'; code: string }
  /** May have been done. */
  | { kind: 'unknown'; reason: string };

/** Of all 5xx only these promise that this very request did nothing; they say nothing about one before it. */
const shed: ReadonlySet<string> = new Set(['overloaded', 'disk_full', 'stopping']);

/** Whether the answer tells what became of the call, whichever of its requests did it. */
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

/** Judges an answer that has arrived whole. */
export function verdictOf(status: number, body: string, isReplay: boolean): Verdict {
  if (status === 200 || status === 201) return { kind: 'ok', body, isReplay };
  const code = codeOf(body);
  if (code !== undefined && status >= 400 && status < 500) return { kind: 'refused', code };
  if (code !== undefined && status === 503 && shed.has(code)) return { kind: 'refused', code };
  return { kind: 'unknown', reason: `${status} ${code ?? body.slice(0, 200)}` };
}
