/**
 * Failing operations: every write, fsync and truncation of a writer's life fails once, each in its
 * own life.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Failure, isLackOfRoom } from './control.ts';
import { FailingDisk } from './failing-disk.ts';
import type { FailingWritersJob } from './failing-writers.ts';
import type { RunReport } from './writer-run.ts';

type Kind = Omit<Failure, 'at'>;

/** The failures, each once and permanently. */
export const failures: readonly Kind[] = [
  { kind: 'write', errno: 'ENOSPC', forever: false },
  { kind: 'write', errno: 'ENOSPC', forever: true },
  { kind: 'write', errno: 'EDQUOT', forever: false },
  { kind: 'write', errno: 'EDQUOT', forever: true },
  { kind: 'write', errno: 'EIO', forever: false },
  { kind: 'write', errno: 'EIO', forever: true },
  { kind: 'sync', errno: 'EIO', forever: false },
  { kind: 'sync', errno: 'EIO', forever: true },
  { kind: 'sync', errno: 'ENOSPC', forever: false },
  { kind: 'truncate', errno: 'EIO', forever: false },
];

export interface IoReport {
  /** Lives, and those of them that met the failure. */
  lives: number;
  met: number;
  /** Lives by their end, and how many refused an order for a full disk, or left one unknown. */
  ends: Record<RunReport['end'], number>;
  refused: number;
  unknown: number;
  violations: string[];
}

const { TEST_TIMEOUT_MS } = process.env;
const program = fileURLToPath(new URL('./failing-writers.ts', import.meta.url));

/** Kinds of failure that a suite never met: it would prove nothing about them. */
function* gaps(reports: readonly RunReport[], kinds: readonly Kind[]): Generator<string> {
  for (const kind of kinds) {
    const own = reports.filter(
      ({ failure }) =>
        failure.kind === kind.kind && failure.errno === kind.errno && failure.forever === kind.forever,
    );
    const name = `${kind.errno} on ${kind.kind}`;
    if (!own.some(({ failed }) => failed > 0)) yield `${name} has failed nobody`;
    const last = own.at(-1);
    if (last?.failed !== 0 || last.end !== 'closed') yield `${name} was not tried up to a life without it`;
    const mayGoOn = isLackOfRoom(kind);
    if (mayGoOn && !own.some(({ refusals, end }) => refusals > 0 && end === 'closed'))
      yield `${name}: nobody was refused and went on`;
    if (!mayGoOn && !own.some(({ end }) => end === 'fault')) yield `${name}: nobody was lost`;
  }
}

/** Runs writers on a failing disk; `step` is the distance between failing operations. */
export async function failEachOperation(
  what: FailingWritersJob['what'],
  step: number,
  kinds: readonly Kind[] = failures,
): Promise<IoReport> {
  const disk = new FailingDisk();
  try {
    const job: FailingWritersJob = {
      controlFile: disk.control.file,
      files: disk.files,
      failures: kinds,
      what,
      step,
    };
    const child = spawn(process.execPath, [program, JSON.stringify(job)], {
      env: {
        PATH: process.env.PATH,
        ...(TEST_TIMEOUT_MS !== undefined && { TEST_TIMEOUT_MS }),
        ...disk.environment(),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    const lines = printed.split('\n').filter((line) => line !== '');
    const reports = lines.map((line) => JSON.parse(line) as RunReport);
    const violations = [...reports.flatMap(({ findings }) => findings), ...gaps(reports, kinds)];
    if (code !== 0) violations.push(`the process with the writers ended with ${code}`);
    const count = (is: (report: RunReport) => boolean): number => reports.filter(is).length;
    return {
      lives: reports.length,
      met: count(({ failed }) => failed > 0),
      ends: {
        refused: count(({ end }) => end === 'refused'),
        fault: count(({ end }) => end === 'fault'),
        closed: count(({ end }) => end === 'closed'),
      },
      refused: count(({ refusals }) => refusals > 0),
      unknown: count(({ unknown }) => unknown > 0),
      violations,
    };
  } finally {
    disk.remove();
  }
}
