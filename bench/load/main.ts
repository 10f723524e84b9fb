/** `npm run bench:load`: loads the real server over loopback, then compares its file with what it acknowledged. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stampede } from '../rounds/stampede.ts';
import type { Progress } from './generator-protocol.ts';
import { type LoadOptions, parseOptions, usage } from './options.ts';
import { progressLine, reportText } from './report.ts';
import { runLoad } from './run.ts';

const { stdout } = process;

function showProgress(progress: Progress): void {
  stdout.write(stdout.isTTY ? `\r\x1b[K${progressLine(progress)}` : `${progressLine(progress)}\n`);
}

async function load({ profile, runtime, jsonFile }: LoadOptions): Promise<boolean> {
  const contender = stampede({ name: runtime, runtime, stock: profile.stock });
  const everyMs = stdout.isTTY ? 1_000 : 5_000;
  const report = await runLoad(contender, profile, { everyMs, show: showProgress });
  if (stdout.isTTY) stdout.write('\r\x1b[K');
  stdout.write(reportText(report));
  if (jsonFile !== undefined) {
    mkdirSync(dirname(jsonFile), { recursive: true });
    writeFileSync(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  }
  return report.passed;
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
