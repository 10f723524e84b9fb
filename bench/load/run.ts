/** Runs one load test: a fresh server, the generator, a graceful stop, and all checks. */
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from '../rounds/contender.ts';
import { processorMs } from '../rounds/processor-time.ts';
import { scratchFolder } from '../rounds/server.ts';
import type { Check } from './check-file.ts';
import { type GeneratorResult, type Progress, runGenerator } from './generator-protocol.ts';
import type { Profile } from './profiles.ts';
import { type ServerSample, sampleServer } from './server-samples.ts';

const tmpfsType = 0x01021994;

export interface LoadReport {
  contender: string;
  profile: Profile;
  /** Folder of all files of the run; removed if it passed. */
  folder: string;
  result: GeneratorResult;
  samples: ServerSample[];
  /**
   * Processor time of the server's process per answer, in microseconds; null if the system does not
   * report it.
   */
  serverUs: number | null;
  checks: Check[];
  passed: boolean;
}

/** Throws if the folder for temporary files is in memory, or the server or the generator fails. */
export async function runLoad(
  contender: Contender,
  profile: Profile,
  show: (progress: Progress) => void,
): Promise<LoadReport> {
  const folder = scratchFolder();
  if (statfsSync(folder).type === tmpfsType) {
    throw new Error(`${folder} is in memory, where a sync costs nothing. Set TMPDIR to a folder on a disk.`);
  }
  const acknowledgedFile = join(folder, 'acknowledged.txt');
  const stored = join(folder, 'server');
  mkdirSync(stored);
  const server = await contender.start(stored);
  let result: GeneratorResult;
  const cpuBeforeMs = processorMs(server.pid);
  let cpuAfterMs: number | null;
  const endSamples = sampleServer(server.url);
  let samples: ServerSample[] = [];
  try {
    const { hostname, port } = new URL(server.url);
    result = await runGenerator(
      {
        arrivals: profile,
        pool: profile,
        target: { host: hostname, port: Number(port), drops: server.drops, secretKey: server.secretKey },
        mix: profile,
        payShare: profile.payShare,
        acknowledgedFile,
        progressEveryMs: 1_000,
      },
      show,
    );
    cpuAfterMs = processorMs(server.pid);
  } finally {
    samples = endSamples();
    await server.stop();
  }
  const checks = [
    ...checkResult(result),
    ...(await server.check(acknowledgedFile, { unknown: result.unknown, paid: result.outcomes.paid })),
  ];
  const serverUs =
    cpuBeforeMs === null || cpuAfterMs === null ? null : ((cpuAfterMs - cpuBeforeMs) * 1000) / result.done;
  const passed = checks.every((check) => check.passed);
  // Keep the files of a failed run for inspection.
  if (passed) rmSync(folder, { recursive: true });
  return { contender: contender.name, profile, folder, result, samples, serverUs, checks, passed };
}

const checkResult = ({ outcomes, lockErrors }: GeneratorResult): Check[] => [
  { name: 'no error', passed: outcomes.error === 0, detail: `${outcomes.error} errors` },
  { name: 'no answer mentions a lock', passed: lockErrors === 0, detail: `${lockErrors} answers` },
];
