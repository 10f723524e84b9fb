/** Backups of a busy shop: each has a prefix of its history with everything acknowledged before. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { auditFile, readFile } from '../../../src/database/sqlite/file-rows.ts';
import { FaultRun, ids, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import { command } from './two-programs.ts';

const folderOf = (run: FaultRun): string => `${run.databaseFile}.backups`;

/** The keys of all acknowledged calls so far. */
const acknowledged = (run: FaultRun): string[] =>
  run.ledger
    .calls()
    .filter(({ invoked, result }) => invoked.call === 'purchase' && result?.kind === 'ok')
    .map(({ invoked }) => invoked.key);

interface Link {
  lastSeq: number;
  hash: string;
}
const lastLink = (file: string): Link | undefined =>
  readFile(file, (connection) =>
    connection
      .prepare<[], Link>('select last_seq as lastSeq, hash from links order by last_seq desc limit 1')
      .get(),
  );

/**
 * The copy's log is a prefix of the live one, its rows follow from that log, and it has every
 * acknowledged order.
 */
function judgeCopy(run: FaultRun, file: string, before: readonly string[]): void {
  run.violations.push(...auditFile(file).map((violation) => `${file}: ${violation}`));
  const head = lastLink(file);
  const same = readFile(run.databaseFile, (connection) =>
    connection
      .prepare<[number], string>('select hash from links where last_seq = ?')
      .pluck()
      .get(head?.lastSeq ?? 0),
  );
  run.expect(head !== undefined && head.hash === same, `the log of ${file} is no beginning of the live one`);
  const keys = new Set(
    readFile(file, (connection) =>
      connection.prepare<[], string>('select idempotency_key from orders').pluck().all(),
    ),
  );
  const lost = before.filter((key) => !keys.has(ids.idempotencyKey(key)));
  run.expect(lost.length === 0, `${lost.length} orders acknowledged before the backup are not in it`);
}

const restore = (run: FaultRun, from: string, name: string) => {
  mkdirSync(join(run.folder, 'restored'), { recursive: true });
  return command(run, 'restore', from, '--file', join(run.folder, 'restored', name));
};

/** Flips one bit in the middle. */
function damage(file: string): void {
  const descriptor = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  const at = Math.floor(statSync(file).size / 2);
  readSync(descriptor, byte, 0, 1, at);
  writeSync(descriptor, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at);
  closeSync(descriptor);
}

const SALES_BETWEEN = 200;

/** Makes backups in sequence under load; one is restored, and one with a flipped bit is refused. */
export const backUpUnderLoad = (runtime: MachineRuntime, times: number, seed: number): Promise<CaseResult> =>
  runCase('backups under load', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = run.letIn(8);
    await crowd.shoppers.begun;
    const files: string[] = [];
    for (let time = 0; time < times; time += 1) {
      await run.sells('between two backups', SALES_BETWEEN);
      const before = acknowledged(run);
      const answer = await run.operate('/admin/backup', { method: 'POST' });
      const { file = '' } = (await answer.json()) as { file?: string };
      run.expect(answer.status === 201, `a backup was answered ${answer.status}`);
      files.push(join(folderOf(run), file));
      judgeCopy(run, join(folderOf(run), file), before);
      run.cases += 1;
    }
    await crowd.end();
    await run.replay();
    run.judge();
    const [good = '', bad = good] = files;
    const restored = await restore(run, good, 'good.db');
    run.expect(restored.code === 0, `a restore ended with ${restored.code}: ${restored.printed.slice(-300)}`);
    run.violations.push(...auditFile(join(run.folder, 'restored', 'good.db')));
    run.cases += 1;
    damage(bad);
    const refused = await restore(run, bad, 'bad.db');
    run.expect(refused.code === 1, `a backup with a wrong bit was restored, with ${refused.code}`);
    run.expect(!existsSync(join(run.folder, 'restored', 'bad.db')), 'a wrong file took the place of none');
    run.cases += 1;
    await run.stop();
    return undefined;
  });

const SALES_BEFORE = 50;

export const backupPlaces = [
  'a backup copies',
  'a backup has copied',
  'before a backup gets its name',
  'after a backup got its name',
] as const;

/**
 * A backup dies with its server: what is left is complete, or nothing that a restore accepts; the
 * next one cleans up.
 */
export const killBackups = (
  runtime: MachineRuntime,
  places: readonly string[],
  seed: number,
): Promise<CaseResult> =>
  runCase('killed during a backup', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    for (const place of places) {
      await run.exchangeForFaulty({ place, act: place === 'a backup copies' ? 'kill soon' : 'kill' });
      const crowd = run.letIn(8);
      await run.sells('before a backup', SALES_BEFORE);
      await run.operate('/admin/backup', { method: 'POST' }).catch(() => null);
      await run.expectKilled(`when ${place}`);
      await crowd.end();
      for (const name of readdirSync(folderOf(run))) {
        if (!/\.(?:db|partial)$/.test(name)) continue;
        const { code } = await restore(run, join(folderOf(run), name), `${name} ${place}.db`);
        // Only a complete backup gets its name: a partial one would be taken for that day's shop.
        run.expect(
          code === (name.endsWith('.db') ? 0 : 1),
          `a restore of ${name}, ${place}, ended with ${code}`,
        );
      }
      await run.recover();
      const answer = await run.operate('/admin/backup', { method: 'POST' });
      run.expect(answer.status === 201, `the next backup was answered ${answer.status}`);
      const left = readdirSync(folderOf(run)).filter((name) => name.includes('partial'));
      run.expect(left.length === 0, `the next backup leaves ${left.join(', ')}`);
      run.cases += 1;
    }
    await run.stop();
    return undefined;
  });
