/** Servers replace each other under constant purchases, also a newer version with a migration. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, Invoked } from '../../../src/crowd/ledger.ts';
import { isDefinite, type Verdict } from '../../../src/crowd/verdict.ts';
import { folderForCopy } from '../../support/patched-copy.ts';
import { FaultRun, ids, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import { startShoppers } from '../shoppers.ts';
import { TimedClient } from '../timed-client.ts';
import { copyWithPlaces } from './places.ts';

const RETRY_MS = 25;
const PATIENCE_MS = 180_000;
const SHOPPERS = 8;
/** Calls completed between two restarts. */
const SALES_BETWEEN = 200;

/** Retries a call without an answer with the same key, as every buyer should. */
class PatientClient extends TimedClient {
  retries = 0;

  override async call(invoked: Invoked): Promise<Verdict> {
    let verdict = await super.call(invoked);
    // The sandbox treats a repeated payment as a new one.
    if (invoked.call === 'pay') return verdict;
    const call: Call = { invoked, result: null };
    const untilMs = performance.now() + PATIENCE_MS;
    while (verdict.kind === 'unknown' && performance.now() < untilMs) {
      await sleep(RETRY_MS);
      this.retries += 1;
      verdict = await this.again(call);
      if (verdict.kind === 'ok') this.doneMs.push(performance.now());
      // The retry was refused before execution: the outcome of the first try is still unknown.
      if (verdict.kind === 'refused' && !isDefinite(verdict)) verdict = { kind: 'unknown', reason: 'shed' };
    }
    return verdict;
  }
}

/** Shoppers who outlive any server, on the port of the running one. */
function letInForGood(run: FaultRun) {
  const client = new PatientClient(run.server.url, SHOPPERS, run.ledger, ids.orderToken);
  const memory = { nextCustomer: 0, sharedFrom: 0, toPayLate: [] };
  const crowd = { offers: run.drops.offers, memory, count: SHOPPERS, keyPrefix: 'rolling' };
  const shoppers = startShoppers(client, crowd, run.random);
  return {
    client,
    async end(): Promise<void> {
      shoppers.stop();
      await shoppers.done;
      await client.close();
    },
  };
}

const portOf = (run: FaultRun): Record<string, string> => ({ PORT: new URL(run.server.url).port });

/** The longest time without a completed call. */
const gapMs = (doneMs: readonly number[]): number =>
  Math.round(Math.max(0, ...doneMs.slice(1).map((ms, index) => ms - (doneMs[index] ?? ms))));

/** Every call had a definite outcome in the end, and every refusal is declared. */
function expectDeclared(run: FaultRun): void {
  const open = run.ledger
    .calls()
    .filter(
      ({ invoked, result }) => invoked.call !== 'pay' && (result === null || result.kind === 'unknown'),
    );
  run.expect(open.length === 0, `${open.length} calls never had a definite answer`);
}

/** The old server drains on SIGTERM, and the new one starts once it has exited. */
export const restartRolling = (runtime: MachineRuntime, times: number, seed: number): Promise<CaseResult> =>
  runCase('a rolling restart', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = letInForGood(run);
    for (let time = 0; time < times; time += 1) {
      await run.sells('before a restart', SALES_BETWEEN);
      const env = portOf(run);
      await run.stop();
      await run.start({ env });
      run.cases += 1;
    }
    await run.sells('after the last restart', SALES_BETWEEN);
    await crowd.end();
    expectDeclared(run);
    run.judge();
    await run.stop();
    const gap = gapMs(crowd.client.doneMs);
    return { figures: { gapMs: gap, retries: crowd.client.retries } };
  });

const upgradeTag = '0099_waiting_list';
const upgradeSql = [
  'CREATE TABLE waiting_list (id INTEGER PRIMARY KEY, drop_id INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;',
  'ALTER TABLE orders ADD COLUMN gift TEXT;',
  "UPDATE orders SET gift = 'none';",
  'CREATE INDEX orders_gift ON orders (id, gift);',
];

/** A newer version: the same source with one more migration. */
function newerVersion(): string {
  const folder = folderForCopy();
  copyWithPlaces(folder);
  const migrations = join(folder, 'drizzle/migrations');
  writeFileSync(join(migrations, `${upgradeTag}.sql`), upgradeSql.join('\n--> statement-breakpoint\n'));
  const file = join(migrations, 'meta/_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { idx: number; when: number }[] };
  const last = journal.entries.at(-1);
  if (!last) throw new Error('There is no migration.');
  const entry = { ...last, idx: last.idx + 1, when: last.when + 1_000, tag: upgradeTag };
  writeFileSync(file, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }));
  return folder;
}

const upgradedSchema = /^schema_matches: (?:table orders was changed|index orders_gift .* was added)$/;
const STATEMENTS_MAX = 20;

/**
 * The newer version dies at each `step`-th statement of its migration, in consecutive starts, and
 * then takes over.
 */
export const upgrade = (runtime: MachineRuntime, step: number, seed: number): Promise<CaseResult> => {
  const newer = newerVersion();
  return runCase('an upgrade', new FaultRun(runtime, seed), async (run) => {
    await run.open();
    const crowd = letInForGood(run);
    await run.sells('before the upgrade', SALES_BETWEEN);
    const env = portOf(run);
    await run.stop();
    let killed = 0;
    for (let statement = 1; statement <= STATEMENTS_MAX; statement += step) {
      const fault = { place: 'a statement of a migration', act: 'kill', passage: statement } as const;
      const { signal } = await run.startExpectingFailure({ fault, root: newer });
      if (signal !== 'SIGKILL') break;
      killed += 1;
      run.cases += 1;
    }
    run.expect(killed * step > upgradeSql.length, `only ${killed} starts died in the migration`);
    await run.start({ root: newer, env });
    await run.sells('after the upgrade', SALES_BETWEEN);
    await crowd.end();
    expectDeclared(run);
    // The schema is that of the newer version.
    run.judge(0, upgradedSchema);
    run.expect(
      run.read("select 1 from orders where gift = 'none'").length > 0,
      'the migration has not reached the rows',
    );
    await run.stop();
    const { code, output } = await run.startExpectingFailure();
    run.expect(
      code === 1 && output.includes('newer schema'),
      `the older version ended with ${code} on the newer file: ${output.slice(-300)}`,
    );
    run.cases += 1;
    return { figures: { gapMs: gapMs(crowd.client.doneMs) } };
  }).finally(() => rmSync(newer, { recursive: true, force: true }));
};
