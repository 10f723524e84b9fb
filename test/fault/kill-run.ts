/** One run of the kill test: a server, its file, and the ledger beside it, from round to round. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../../src/crowd/judge.ts';
import { type Call, Ledger } from '../../src/crowd/ledger.ts';
import { audit, readFile } from '../../src/database/sqlite/file-rows.ts';
import { createIds, type Ids } from '../../src/ids.ts';
import { type RuntimeName, type ServerProcess, startServer } from '../support/server-process.ts';
import { DropsUnderTest } from './drops-under-test.ts';
import { killMigration, killStart } from './killed-starts.ts';
import { pick, type Random, seededRandom, wholeBetween } from './random.ts';
import { replayKnown, replayUnknown } from './replays.ts';
import { contactOf, ShopClient } from './shop-client.ts';
import { type Memory, startShoppers } from './shoppers.ts';

const shopperCount = 32;
const earlyKillMsMax = 50;
/** Acknowledged purchases that are asked for again after each kill. */
const knownReplays = 15;
/** How far the group of customers who come again moves on from load to load. */
const sharedStep = 15;

export class KillRun {
  readonly random: Random;
  /** Holds the ledger and the database. */
  readonly folder = mkdtempSync(join(tmpdir(), 'stampede-kill-'));
  readonly #databaseFile = join(this.folder, 'data', 'drop.db');
  readonly #ledger = new Ledger(join(this.folder, 'ledger'));
  readonly #drops = new DropsUnderTest();
  readonly #memory: Memory = { nextCustomer: 0, sharedFrom: 0, toPayLate: [] };
  readonly #runtime: RuntimeName;
  #server: ServerProcess | undefined;
  #startMs = 0;

  constructor(runtime: RuntimeName, seed: number) {
    this.#runtime = runtime;
    this.random = seededRandom(seed);
  }

  /** Starts a server on the file; resolves with the milliseconds that it took. Rejects where it does not come up. */
  async start(): Promise<number> {
    const begunMs = performance.now();
    this.#server = await startServer(this.#options);
    this.#startMs = Math.round(performance.now() - begunMs);
    return this.#startMs;
  }

  openDrops(): Promise<void> {
    return this.#drops.open(this.#running);
  }

  /** Lets shoppers in and kills the server `afterMs` after their first answer. Resolves with their calls and findings. */
  async loadAndKill(keyPrefix: string, afterMs: number): Promise<{ calls: Call[]; findings: string[] }> {
    const server = this.#running;
    const callsBefore = this.#ledger.calls().length;
    this.#memory.sharedFrom += sharedStep;
    await this.#drops.restock(server);
    const client = this.#client(shopperCount);
    const crowd = { offers: this.#drops.offers, memory: this.#memory, count: shopperCount, keyPrefix };
    const shoppers = startShoppers(client, crowd, this.random);
    await shoppers.begun;
    await sleep(afterMs);
    shoppers.stop();
    await server.kill();
    await shoppers.done;
    await client.close();
    const { code, signal } = await server.exited;
    const findings =
      signal === 'SIGKILL'
        ? []
        : [`the server ended by itself with ${code}: ${server.output().slice(-1_000)}`];
    return { calls: this.#ledger.calls().slice(callsBefore), findings };
  }

  /** Kills two starts on the file, soon after the spawn and anywhere on the way, and one that makes a new file. */
  async killStarts(): Promise<string[]> {
    const upTo = (max: number): number => wholeBetween(this.random, 0, max);
    return [
      ...(await killStart(this.#options, upTo(earlyKillMsMax))),
      ...(await killStart(this.#options, upTo(this.#startMs))),
      ...(await killMigration(this.#runtime, upTo(earlyKillMsMax))),
    ];
  }

  /** Asks again for what is unknown of `calls`, and for some of all that is known. */
  async replay(calls: readonly Call[]) {
    const client = this.#client(1);
    const replays = await replayUnknown(client, calls);
    const known = this.#ledger
      .calls()
      .filter(({ invoked, result }) => invoked.call === 'purchase' && result?.kind === 'ok');
    const asked = Array.from({ length: Math.min(knownReplays, known.length) }, () =>
      pick(this.random, known),
    );
    const findings = await replayKnown(client, asked);
    await client.close();
    return { ...replays, findings };
  }

  /** Where the file breaks an invariant or a promise that the ledger knows. */
  judge(): string[] {
    return readFile(this.#databaseFile, (connection) => [
      ...audit(connection),
      ...judge(this.#ledger, connection, { ids: this.#ids, now: Date.now(), contactOf }),
      ...this.#drops.judge(connection),
    ]);
  }

  /** Holds that ran out so far. */
  countExpired(): number {
    const expired = "select count(*) from orders where release_reason = 'expired'";
    return readFile(this.#databaseFile, (file) => file.prepare<[], number>(expired).pluck().get()) ?? 0;
  }

  /** Ends the server gracefully, and says where it did not. */
  async stop(): Promise<string[]> {
    const { code, signal } = await this.#running.stop();
    return code === 0 ? [] : [`the graceful stop ended with ${code ?? signal}`];
  }

  /** Leaves nothing running, and the folder only where it is evidence. */
  async close(isEvidence: boolean): Promise<void> {
    await this.#server?.kill();
    this.#ledger.close();
    if (!isEvidence) rmSync(this.folder, { recursive: true });
  }

  get #options() {
    // A fixed address, so that an answer is the same after a restart on another port.
    const env = { PUBLIC_URL: 'http://shop.example' };
    return { runtime: this.#runtime, databaseFile: this.#databaseFile, env };
  }

  get #running(): ServerProcess {
    if (!this.#server) throw new Error('No server has been started.');
    return this.#server;
  }

  get #ids(): Ids {
    return createIds(this.#running.secretKey);
  }

  #client(connections: number): ShopClient {
    return new ShopClient(this.#running.url, connections, this.#ledger, this.#ids.orderToken);
  }
}
