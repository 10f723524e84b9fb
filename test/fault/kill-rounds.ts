/** The kill test: load, kill -9, restart, replay, judge, again and again on one file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createIds, type Ids } from '../../src/ids.ts';
import { type RuntimeName, type ServerProcess, startServer } from '../support/server-process.ts';
import { audit, readFile } from './audit-file.ts';
import { judge } from './judge.ts';
import { KillDrops } from './kill-drops.ts';
import { killMigration, killStart } from './killed-starts.ts';
import { type Call, Ledger } from './ledger.ts';
import { pick, type Random, seededRandom, wholeBetween } from './random.ts';
import { type Replays, replayKnown, replayUnknown } from './replays.ts';
import { ShopClient } from './shop-client.ts';
import { type Memory, startShoppers } from './shoppers.ts';

export interface KillOptions {
  rounds: number;
  runtime: RuntimeName;
  seed: number;
}

export interface RoundReport extends Replays {
  round: number;
  /** From the first answer of the load to the kill. */
  killedAfterMs: number;
  /** Calls by what came back before the kill. */
  acknowledged: number;
  refused: Record<string, number>;
  unknown: number;
  /** Processes killed while they started. */
  killedStarts: number;
  /** From the spawn after the kill to the log line `listening`. */
  restartMs: number;
  violations: string[];
}

export interface KillSummary {
  reports: RoundReport[];
  /** Of all rounds and of the graceful end. */
  violations: string[];
  /** Holds that ran out on the way. */
  expired: number;
  /** Ledger and database; gone where nothing was found. */
  folder: string;
}

const shopperCount = 32;
const loadMs = { min: 20, max: 400 };
/** Every so many rounds the start after the kill is killed too. */
const roundsPerKilledStart = 3;
const earlyKillMsMax = 50;
/** Acknowledged purchases that each round asks for again. */
const knownReplays = 15;
/** How far the group of customers who come again moves on from round to round. */
const sharedStep = 40;

function countCalls(calls: readonly Call[]): Pick<RoundReport, 'acknowledged' | 'refused' | 'unknown'> {
  const refused: Record<string, number> = {};
  const counts = { acknowledged: 0, unknown: 0, refused };
  for (const { result } of calls) {
    if (result?.kind === 'ok') counts.acknowledged += 1;
    else if (result?.kind === 'refused') refused[result.code] = (refused[result.code] ?? 0) + 1;
    else counts.unknown += 1;
  }
  return counts;
}

class KillRun {
  readonly folder = mkdtempSync(join(tmpdir(), 'stampede-kill-'));
  readonly #databaseFile = join(this.folder, 'data', 'drop.db');
  readonly #ledger = new Ledger(join(this.folder, 'ledger'));
  readonly #drops = new KillDrops();
  readonly #memory: Memory = { nextCustomer: 0, sharedFrom: 0, toPayLate: [] };
  readonly #runtime: RuntimeName;
  readonly #random: Random;
  #restartMs = 0;

  constructor({ runtime, seed }: KillOptions) {
    this.#runtime = runtime;
    this.#random = seededRandom(seed);
  }

  get #serverOptions() {
    // A fixed address, so that an answer is the same after a restart on another port.
    return {
      runtime: this.#runtime,
      databaseFile: this.#databaseFile,
      env: { PUBLIC_URL: 'http://shop.example' },
    };
  }

  async #start(): Promise<ServerProcess> {
    const begunMs = performance.now();
    const server = await startServer(this.#serverOptions);
    this.#restartMs = Math.round(performance.now() - begunMs);
    return server;
  }

  async open(): Promise<ServerProcess> {
    const server = await this.#start();
    await this.#drops.open(server);
    return server;
  }

  /** Takes a running server down and returns the one that came up on its file, with what was found. */
  async round(round: number, server: ServerProcess): Promise<[ServerProcess, RoundReport]> {
    const ids = createIds(server.secretKey);
    const callsBefore = this.#ledger.calls().length;
    const killedAfterMs = wholeBetween(this.#random, loadMs.min, loadMs.max);
    this.#memory.sharedFrom += sharedStep;
    await this.#drops.restock(server);
    const violations = await this.#loadAndKill(server, ids, `r${round}`, killedAfterMs);
    const counts = countCalls(this.#ledger.calls().slice(callsBefore));

    let killedStarts = 0;
    if (round % roundsPerKilledStart === 0) {
      killedStarts = 3;
      await killStart(this.#serverOptions, wholeBetween(this.#random, 0, earlyKillMsMax));
      await killStart(this.#serverOptions, wholeBetween(this.#random, 0, this.#restartMs));
      const migrationKillMs = wholeBetween(this.#random, 0, earlyKillMsMax);
      violations.push(...(await killMigration(this.#runtime, migrationKillMs)));
    }

    const next = await this.#start();
    const client = new ShopClient(next.url, 1, this.#ledger, ids.orderToken);
    const calls = this.#ledger.calls();
    const replays = await replayUnknown(client, calls.slice(callsBefore));
    const known = calls.filter(({ invoked, result }) => invoked.call === 'purchase' && result?.kind === 'ok');
    const asked =
      known.length === 0 ? [] : Array.from({ length: knownReplays }, () => pick(this.#random, known));
    violations.push(...(await replayKnown(client, asked)), ...this.#judge(ids));
    await client.close();
    const restartMs = this.#restartMs;
    return [next, { round, killedAfterMs, ...counts, ...replays, killedStarts, restartMs, violations }];
  }

  /** Ends a server gracefully and judges the file that it leaves. */
  async close(server: ServerProcess): Promise<{ violations: string[]; expired: number }> {
    const { code, signal } = await server.stop();
    const violations = this.#judge(createIds(server.secretKey));
    if (code !== 0) violations.push(`the graceful stop ended with ${code ?? signal}`);
    const expired = readFile(this.#databaseFile, (connection) =>
      connection
        .prepare<[], number>("select count(*) from orders where release_reason = 'expired'")
        .pluck()
        .get(),
    );
    this.#ledger.close();
    if (violations.length === 0) rmSync(this.folder, { recursive: true });
    return { violations, expired: expired ?? 0 };
  }

  async #loadAndKill(server: ServerProcess, ids: Ids, keyPrefix: string, afterMs: number): Promise<string[]> {
    const client = new ShopClient(server.url, shopperCount, this.#ledger, ids.orderToken);
    const crowd = { offers: this.#drops.offers, memory: this.#memory, count: shopperCount, keyPrefix };
    const shoppers = startShoppers(client, crowd, this.#random);
    await shoppers.begun;
    await sleep(afterMs);
    shoppers.stop();
    await server.kill();
    await shoppers.done;
    await client.close();
    const { code, signal } = await server.exited;
    if (signal === 'SIGKILL') return [];
    return [`the server ended by itself with ${code ?? signal}: ${server.output().slice(-1_000)}`];
  }

  #judge(ids: Ids): string[] {
    return readFile(this.#databaseFile, (connection) => [
      ...audit(connection),
      ...judge(this.#ledger, connection, ids, Date.now()),
      ...this.#drops.judge(connection),
    ]);
  }
}

/**
 * Runs the rounds on a new file and tells of each as it ends. Rejects where a server does not start. The folder with the
 * ledger and the file stays where anything is wrong.
 */
export async function runKillRounds(
  options: KillOptions,
  onRound?: (report: RoundReport) => void,
): Promise<KillSummary> {
  const run = new KillRun(options);
  const reports: RoundReport[] = [];
  let server = await run.open();
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const [next, report] = await run.round(round, server);
      server = next;
      reports.push(report);
      onRound?.(report);
    }
    const { violations, expired } = await run.close(server);
    const all = [...reports.flatMap((report) => report.violations), ...violations];
    return { reports, violations: all, expired, folder: run.folder };
  } catch (error) {
    throw new Error(`The run broke off; its files are in ${run.folder}.`, { cause: error });
  } finally {
    await server.kill();
  }
}
