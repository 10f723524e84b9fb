/** A process under the shim: one failure meets each operation in turn, until lives meet none. */
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openShopFile } from '../../support/open-shop-file.ts';
import { DiskControl, type Failure } from './control.ts';
import { StoreRun } from './store-run.ts';
import { type RunReport, WriterRun } from './writer-run.ts';

/** The argument, as JSON. Each line of the output is a RunReport. */
export interface FailingWritersJob {
  controlFile: string;
  /** The folder whose files can fail. */
  files: string;
  failures: readonly Omit<Failure, 'at'>[];
  /** The writer alone, or the whole store with its threads. */
  what: 'writer' | 'store';
  /** The distance between failing operations, from the first on. */
  step: number;
}

const job: FailingWritersJob = JSON.parse(process.argv[2] ?? '');
const control = new DiskControl(job.controlFile);
const empty = join(job.files, 'empty.db');
openShopFile({ file: empty, busyTimeoutMs: 1_000, synchronous: 'FULL' }).close();

async function live(failure: Failure): Promise<RunReport> {
  const file = join(job.files, `${failure.kind}-${failure.errno}-${failure.at}.db`);
  copyFileSync(empty, file);
  const run =
    job.what === 'store' ? new StoreRun(control, failure, file) : new WriterRun(control, failure, file);
  const report = await run.live();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  return report;
}

/** A store's threads vary in their operations: one life without a failure may be a short one. */
const CALM_LIVES = 3;

/** A life has a tenth as many syncs as writes. */
const stepOf = ({ kind }: Pick<Failure, 'kind'>): number =>
  kind === 'sync' ? Math.ceil(job.step / 10) : job.step;

for (const failure of job.failures) {
  for (let at = 1, calm = 0; calm < CALM_LIVES; at += stepOf(failure)) {
    const report = await live({ ...failure, at });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    // One fault usually appears at most operations, and each waits for its timeout.
    if (report.findings.length > 0) break;
    calm = report.failed === 0 ? calm + 1 : 0;
  }
}
process.exit(0);
