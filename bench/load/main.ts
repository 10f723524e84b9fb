/**
 * `npm run bench:load`: loads the real server over loopback, then compares its file with what it
 * acknowledged.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stampede } from '../rounds/stampede.ts';
import type { Progress } from './generator-protocol.ts';
import { reportHtml } from './html-report.ts';
import { type LoadOptions, parseOptions, usage } from './options.ts';
import { progressLine, reportText } from './report.ts';
import { runLoad } from './run.ts';

const { stdout } = process;
const plainLinesEverySeconds = 5;

/**
 * Shows progress: on a terminal, one line updated each second; otherwise a line every few seconds.
 */
function progressShower(seconds: number): (progress: Progress) => void {
  let shown = 0;
  return (progress) => {
    if (stdout.isTTY) stdout.write(`\r\x1b[K${progressLine(progress, seconds)}`);
    else if (++shown % plainLinesEverySeconds === 0) stdout.write(`${progressLine(progress, seconds)}\n`);
  };
}

function writeTo(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function load({ profile, runtime, env, jsonFile, htmlFile }: LoadOptions): Promise<boolean> {
  const settings = Object.entries(env).map(([name, value]) => ` ${name}=${value}`);
  const contender = stampede({ ...profile, name: `${runtime}${settings.join('')}`, runtime, env });
  const report = await runLoad(contender, profile, progressShower(profile.seconds));
  if (stdout.isTTY) stdout.write('\r\x1b[K');
  stdout.write(reportText(report));
  if (jsonFile !== undefined) writeTo(jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
  if (htmlFile !== undefined) writeTo(htmlFile, reportHtml(report, new Date()));
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
