/** Kills a server under load repeatedly, and checks every promise against an external ledger. */
import { parseArgs } from 'node:util';
import { type RoundReport, runKillRounds } from './kill-rounds.ts';

const usage = 'npm run test:kill -- [--rounds 20] [--runtime node|bun] [--seed N]';
const write = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      runtime: { type: 'string', default: 'node' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const { runtime } = values;
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  const isUsable = Number.isInteger(rounds) && rounds > 0 && Number.isInteger(seed);
  if (!isUsable || (runtime !== 'node' && runtime !== 'bun')) {
    process.stderr.write(`Usage: ${usage}\n`);
    process.exit(2);
  }
  return { rounds, runtime, seed } as const;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const listed = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .map(([code, count]) => `${count} ${code}`)
    .join(', ') || 'none';

function describe(report: RoundReport, rounds: number): string {
  const { round, killedAfterAnswers, acknowledged, refused, unknown, replayed, replayedDone } = report;
  return [
    `round ${String(round).padStart(String(rounds).length)}/${rounds}`,
    `killed after ${String(killedAfterAnswers).padStart(4)} answers`,
    `${acknowledged} acknowledged`,
    `refused: ${listed(refused)}`,
    `${unknown} unknown`,
    `${replayed} replayed, ${replayedDone} of them had been done`,
    ...(report.killedStarts > 0 ? [`${report.killedStarts} starts killed`] : []),
    `up again in ${report.restartMs} ms`,
    `${report.violations.length} violations`,
  ].join(' | ');
}

const options = readOptions();
const { rounds, runtime, seed } = options;
write(`${rounds} rounds on ${runtime}, seed ${seed}`);
const { reports, violations, expired } = await runKillRounds(options, (report) => {
  write(describe(report, rounds));
  for (const violation of report.violations) write(`  VIOLATION ${violation}`);
});
const total = (count: (report: RoundReport) => number): number => sum(reports.map(count));
write('');
write(`rounds        ${reports.length}`);
write(`acknowledged  ${total((report) => report.acknowledged)}`);
write(`sold out      ${total((report) => report.refused.sold_out ?? 0)}`);
write(`limit reached ${total((report) => report.refused.limit_reached ?? 0)}`);
write(`expired holds ${expired}`);
write(`unknown       ${total((report) => report.unknown)}`);
write(`replayed      ${total((report) => report.replayed)}`);
write(`killed starts ${total((report) => report.killedStarts)}`);
write(`violations    ${violations.length}`);
if (violations.length > 0) {
  for (const violation of new Set(violations)) write(`  ${violation}`);
  process.exitCode = 1;
}
