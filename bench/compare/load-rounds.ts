/** Runs contenders under one load profile in interleaved rounds, and tabulates their reports. */
import type { Profile } from '../load/profiles.ts';
import { type LoadReport, runLoad } from '../load/run.ts';
import type { Contender } from '../rounds/contender.ts';
import { spreadOf, spreadText } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';

/** A row of the table; null where a figure is not available. */
export type Row = readonly [name: string, digits: number, figure: (report: LoadReport) => number | null];

export interface LoadRounds {
  contenders: readonly Contender[];
  profile: Profile;
  rounds: number;
  /** Checks whose failure is a figure of the table, not an error of the benchmark. */
  figures: readonly string[];
}

export const latencyRows: readonly Row[] = [
  ['requests a second', 0, ({ result }) => result.done / (result.elapsedMs / 1000)],
  ['p50 ms', 2, ({ result }) => result.latencyMs.all.p50],
  ['p95 ms', 2, ({ result }) => result.latencyMs.all.p95],
  ['p99 ms', 2, ({ result }) => result.latencyMs.all.p99],
  ['reads p95 ms', 2, ({ result }) => result.latencyMs.reads.p95],
  ['writes p95 ms', 2, ({ result }) => result.latencyMs.writes.p95],
];

/**
 * Returns the reports of each contender, in order. Throws if a run fails a check that is not in
 * `figures`.
 */
export async function runRounds(
  { contenders, profile, rounds, figures }: LoadRounds,
  reportProgress: (line: string) => void,
): Promise<LoadReport[][]> {
  const found = contenders.map((): LoadReport[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const report = await runLoad(contender, profile, () => undefined);
      const wrong = report.checks.filter(({ name, passed }) => !passed && !figures.includes(name));
      if (wrong.length > 0) {
        throw new Error(
          `${contender.name}: ${wrong.map(({ name, detail }) => `${name} (${detail})`).join('; ')}`,
        );
      }
      found[index]?.push(report);
      const { latencyMs, errorSamples } = report.result;
      reportProgress(
        `round ${round}/${rounds}  ${profile.name}  ${contender.name}: p95 ${latencyMs.all.p95.toFixed(1)} ms`,
      );
      for (const sample of errorSamples) reportProgress(`  error: ${sample}`);
    }
  }
  return found;
}

/** Returns a table with one column per contender: medians with minimum and maximum. */
export function loadTable(
  title: string,
  contenders: readonly Contender[],
  rows: readonly Row[],
  found: readonly (readonly LoadReport[])[],
): string {
  const cell = (reports: readonly LoadReport[], [, digits, figure]: Row): string => {
    const all = reports.map(figure).filter((value) => value !== null);
    return all.length === 0 ? '-' : spreadText(spreadOf(all), digits);
  };
  return tableText([
    [title, ...contenders.map(({ name }) => name)],
    ...rows.map((row) => [row[0], ...found.map((reports) => cell(reports, row))]),
  ]);
}
