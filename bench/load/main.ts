/** `npm run bench:load`: loads the real server over loopback, then compares its file with what it acknowledged. */
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratchDatabase, startServer } from '../../test/support/server-process.ts';
import type { Check } from './check-file.ts';
import { checkServer } from './check-server.ts';
import { createDrop, readSynchronous } from './drop-for-load.ts';
import { runGenerator } from './generator-process.ts';
import type { GeneratorResult, Progress } from './generator-protocol.ts';
import { type LoadOptions, parseOptions, usage } from './options.ts';
import { progressLine, reportText } from './report.ts';

const tmpfsType = 0x01021994;
const { stdout } = process;

async function load({ profile, runtime, jsonFile }: LoadOptions): Promise<boolean> {
  const databaseFile = scratchDatabase();
  const folder = dirname(databaseFile);
  if (statfsSync(folder).type === tmpfsType) {
    throw new Error(
      `${folder} lies in memory, where a sync costs nothing: set TMPDIR to a folder on a disk.`,
    );
  }
  const acknowledgedFile = join(folder, 'acknowledged.txt');
  const server = await startServer({ runtime, databaseFile, env: { WARM_UP: 'on' } });
  let result: GeneratorResult;
  let synchronous: string;
  try {
    synchronous = await readSynchronous(server);
    const drop = await createDrop(server, profile.stock);
    const { hostname, port } = new URL(server.url);
    result = await runGenerator(
      {
        arrivals: profile,
        pool: profile,
        target: { host: hostname, port: Number(port), dropId: drop.id, skus: drop.skus },
        acknowledgedFile,
        progressEveryMs: stdout.isTTY ? 1_000 : 5_000,
      },
      showProgress,
    );
  } finally {
    await server.stop();
  }
  const checks = [
    ...checkRun(result, synchronous),
    ...(await checkServer(server, acknowledgedFile, result.unknown)),
  ];
  const passed = checks.every((check) => check.passed);
  const report = { profile, runtime, databaseFile, result, checks, passed };
  if (stdout.isTTY) stdout.write('\r\x1b[K');
  stdout.write(reportText(report));
  if (jsonFile !== undefined) {
    mkdirSync(dirname(jsonFile), { recursive: true });
    writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  // What failed stays for whoever wants to look into it.
  if (passed) rmSync(folder, { recursive: true });
  return passed;
}

function checkRun(result: GeneratorResult, synchronous: string): Check[] {
  return [
    { name: 'the run was at FULL', passed: synchronous === 'FULL', detail: `synchronous ${synchronous}` },
    { name: 'no error', passed: result.outcomes.error === 0, detail: `${result.outcomes.error} errors` },
    {
      name: 'no answer speaks of a lock',
      passed: result.lockErrors === 0,
      detail: `${result.lockErrors} answers`,
    },
  ];
}

function showProgress(progress: Progress): void {
  stdout.write(stdout.isTTY ? `\r\x1b[K${progressLine(progress)}` : `${progressLine(progress)}\n`);
}

function optionsOrUsage(): LoadOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
    return undefined;
  }
}

const options = optionsOrUsage();
process.exitCode = options === undefined ? 2 : (await load(options)) ? 0 : 1;
