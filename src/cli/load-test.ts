/** `stampede load-test`: load-tests a copy of a drop on this machine, with a crash midway. */
import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { mustBeCurrent } from '../database/sqlite/migrate.ts';
import { createIds } from '../ids/ids.ts';
import { type Blueprint, readBlueprint, unitsOf } from '../load-test/blueprint.ts';
import { LOAD_TEST_BUYERS_MAX, LOAD_TEST_RATE_MAX } from '../load-test/limits.ts';
import { LoadTest, type LoadTestProgress } from '../load-test/load-test.ts';
import { type CrowdPlan, planCrowd } from '../load-test/plan.ts';
import { reportText } from '../load-test/report.ts';
import { type FileOptions, reading, secretKeyOf, wholeNumber, withFile, withJson } from './options.ts';
import { type OutputOptions, print, say } from './output.ts';
import { misuse, reasonOf } from './refusal.ts';

const P99_MS = 500;
const READ_SHARE = 0.6;
const PAID_SHARE = 0.7;
const clearLine = '\r\x1b[K';
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Options extends FileOptions, OutputOptions {
  drop: string;
  buyers?: number;
  rate?: number;
  reads: number;
  paid: number;
  p99: number;
  keep?: boolean;
}

/** Parses a fraction, for Commander. */
const share =
  (max: number) =>
  (text: string): number => {
    const value = /^\d(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value <= max) return value;
    throw new InvalidArgumentError(`Must be a number from 0 to ${max}.`);
  };

function keyOf(drop: string, file: string): string | number {
  if (!drop.startsWith('drp_')) return drop;
  const secretKey = secretKeyOf(file);
  if (secretKey === undefined) throw misuse('Reading an id requires SECRET_KEY. Set it, or use the slug.');
  return createIds(secretKey).parseDrop(drop) ?? drop;
}

/** Reads only the drop; safe while the server is running. Throws `Refusal`. */
function blueprintOf({ file, drop }: Options): Blueprint {
  if (!existsSync(file)) throw misuse(`${file} does not exist. Start the server once, or name another file.`);
  let found: Blueprint | undefined;
  try {
    found = reading(file, (connection) => {
      mustBeCurrent(connection, file);
      return readBlueprint(connection, keyOf(drop, file));
    });
  } catch (error) {
    throw misuse(`${file} can't be load-tested: ${reasonOf(error)}`);
  }
  if (!found)
    throw misuse(`There is no drop ${JSON.stringify(drop)} in ${file}. List the drops with \`drops list\`.`);
  if (unitsOf(found) === 0) throw misuse('The drop has no units, so there is nothing to test.');
  return found;
}

function planOf(blueprint: Blueprint, { buyers, rate, reads, paid }: Options): CrowdPlan {
  try {
    return planCrowd(unitsOf(blueprint), {
      ...(buyers !== undefined && { buyers }),
      ...(rate !== undefined && { ratePerSecond: rate }),
      readShare: reads,
      paidShare: paid,
    });
  } catch (error) {
    throw error instanceof RangeError ? misuse(error.message) : error;
  }
}

/** On a terminal, one line that updates below the steps; else one line each. */
function progressOn(stream: NodeJS.WriteStream): LoadTestProgress {
  if (!stream.isTTY) return { step: say, tick: say };
  return {
    step: (text) => void stream.write(`${clearLine}${text}\n`),
    tick: (text) => void stream.write(clearLine + text),
  };
}

async function loadTest(options: Options): Promise<void> {
  const blueprint = blueprintOf(options);
  const plan = planOf(blueprint, options);
  const { bun } = process.versions;
  const test = new LoadTest({
    realFile: options.file,
    blueprint,
    plan,
    p99MaxMs: options.p99,
    keep: options.keep ?? false,
    environment: process.env,
    runtime: bun === undefined ? `node ${process.version}` : `bun ${bun}`,
    progress: progressOn(process.stderr),
  });
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.once(signal, () => {
      say('Aborting.');
      process.exit(exitCode);
    });
  }
  // Leave no server and no folder behind, however the process ends.
  process.once('exit', () => test.abort());
  const report = await test.run();
  if (process.stderr.isTTY) process.stderr.write(clearLine);
  print(report, reportText, options);
  process.exitCode = report.verdict === 'GO' ? 0 : 1;
}

export const loadTestCommand = (): Command =>
  withJson(withFile(new Command('load-test')))
    .description('load-test a copy of a drop, with a crash midway; prints GO or NO GO')
    .requiredOption('--drop <drop>', 'slug or id of the drop')
    .option(
      '--buyers <buyers>',
      'number of buyers, with one purchase each (default: 3 per unit, at least 1000)',
      wholeNumber(1, LOAD_TEST_BUYERS_MAX),
    )
    .option(
      '--rate <requests>',
      'requests per second, purchases and page views (default: all within 10 s)',
      wholeNumber(1, LOAD_TEST_RATE_MAX),
    )
    .option('--reads <share>', 'share of the requests that only view the drop', share(0.99), READ_SHARE)
    .option('--paid <share>', 'share of the holds that are paid', share(1), PAID_SHARE)
    .option('--p99 <ms>', 'limit for the 99th percentile of purchase times', wholeNumber(1, 60_000), P99_MS)
    .option('--keep', 'keep the folder with the database and the list of all requests')
    .addHelpText(
      'after',
      `
Run this on the machine where the drop will run. It uses a new folder next to the database, and the settings of the environment. The
database itself is only read. Exit status 0: GO, 1: NO GO, 2: usage error.

Examples:
  $ npm run stampede -- load-test --drop spring
  $ npm run stampede -- load-test --drop spring --buyers 20000 --rate 2000 --p99 300 --json`,
    )
    .action(loadTest);
