/** One file, the servers that run on it in turn, the crowd, and the ledger of every answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, readOrders } from '../../src/crowd/judge.ts';
import { Ledger } from '../../src/crowd/ledger.ts';
import { audit, readFile } from '../../src/database/sqlite/file-rows.ts';
import { idsOfFile } from '../../src/database/sqlite/ids-of-file.ts';
import { createIds } from '../../src/ids/ids.ts';
import { patienceMs } from '../support/patience.ts';
import {
  type EndOfStart,
  type ServerProcess,
  startExpectingFailure,
  startServer,
  testEnvironment,
} from '../support/server-process.ts';
import { countCalls } from './count-calls.ts';
import { DropsUnderTest } from './drops-under-test.ts';
import { type FaultAt, faultEnvironment, patchedRoot } from './process/places.ts';
import { type Random, seededRandom } from './random.ts';
import { type Replays, replayUnknown } from './replays.ts';
import type { Crowd, RunSettings, StartOptions } from './run-settings.ts';
import { contactOf, ShopClient } from './shop-client.ts';
import { type Memory, startShoppers } from './shoppers.ts';
import { TimedClient } from './timed-client.ts';

export type MachineRuntime = 'node' | 'bun';

const SHOPPERS = 16;
const POLL_MS = 50;
/** How far the group of returning customers advances per load: some of them have bought before. */
const SHARED_STEP = 15;
export const ids = createIds(testEnvironment.SECRET_KEY);

export class FaultRun {
  readonly folder: string;
  readonly databaseFile: string;
  readonly violations: string[] = [];
  /** Counted where each case is checked. */
  cases = 0;
  readonly random: Random;
  readonly runtime: MachineRuntime;
  readonly ledger: Ledger;
  readonly drops: DropsUnderTest;
  readonly #env: Record<string, string>;
  readonly #memory: Memory = { nextCustomer: 0, sharedFrom: 0, toPayLate: [] };
  readonly #all: ServerProcess[] = [];
  #loads = 0;
  #replayed = 0;

  constructor(runtime: MachineRuntime, seed: number, settings: RunSettings = {}) {
    this.runtime = runtime;
    this.random = seededRandom(seed);
    this.#env = settings.env ?? {};
    this.folder = settings.folder ?? mkdtempSync(join(tmpdir(), 'stampede-fault-'));
    this.databaseFile = settings.databaseFile ?? join(this.folder, 'data', 'drop.db');
    this.ledger = new Ledger(join(this.folder, 'ledger'));
    this.drops = settings.drops ?? new DropsUnderTest();
  }

  get replayed(): number {
    return this.#replayed;
  }

  /** The last started server. */
  get server(): ServerProcess {
    const server = this.#all.at(-1);
    if (!server) throw new Error('No server has been started.');
    return server;
  }

  /** The options of every server of this run. */
  options({ fault, env, root }: StartOptions = {}) {
    const from = root ?? (fault && patchedRoot());
    return {
      runtime: this.runtime,
      databaseFile: this.databaseFile,
      env: {
        PUBLIC_URL: 'http://shop.example',
        ...this.#env,
        ...(fault && faultEnvironment(fault)),
        ...env,
      },
      ...(from !== undefined && { root: from }),
    };
  }

  /** Starts a server on the file. Rejects where it does not listen. */
  async start(options: StartOptions = {}): Promise<ServerProcess> {
    this.#all.push(await startServer(this.options(options)));
    return this.server;
  }

  /** Starts a server that must not come up; resolves to how it ended. */
  startExpectingFailure(options: StartOptions = {}): Promise<EndOfStart> {
    return startExpectingFailure(this.options(options));
  }

  /** Starts the first server and opens the drops. */
  async open(): Promise<void> {
    await this.start();
    await this.drops.open(this.server);
    await this.drops.restock(this.server);
  }

  /** Restocks, stops the server gracefully, and starts one that will meet a fault. */
  async exchangeForFaulty(fault: FaultAt, env: Record<string, string> = {}): Promise<void> {
    await this.drops.restock(this.server);
    await this.stop();
    await this.start({ fault, env });
  }

  /** Starts shoppers, who buy, cancel and pay until they are stopped or the server exits. */
  letIn(count = SHOPPERS): Crowd {
    this.#loads += 1;
    this.#memory.sharedFrom += SHARED_STEP;
    const client = new TimedClient(this.server.url, count, this.ledger, ids.orderToken);
    const [offers, memory, keyPrefix] = [this.drops.offers, this.#memory, `load${this.#loads}`];
    const shoppers = startShoppers(client, { offers, memory, count, keyPrefix }, this.random);
    // Otherwise a dead server would fill the ledger with unanswered calls.
    void this.server.exited.then(() => shoppers.stop());
    return {
      client,
      shoppers,
      end: async () => {
        shoppers.stop();
        await shoppers.done;
        await client.close();
      },
    };
  }

  /** Sends a request as the operator. */
  operate(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.server.adminToken}`, 'content-type': 'application/json' };
    return fetch(`${this.server.url}${path}`, { ...init, headers });
  }

  /** A figure of /metrics; NaN where there is none. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** All calls by their last known outcome. */
  counts(): Record<string, number> {
    return countCalls(this.ledger.calls());
  }

  expect(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  /** Polls until `holds` is true. Throws if the server exits first or if that takes too long. */
  async until(holds: () => boolean | Promise<boolean>, violation: () => string): Promise<void> {
    for (const deadline = Date.now() + patienceMs; !(await holds()); ) {
      const end = await this.ended(POLL_MS);
      if (end !== null) {
        throw new Error(`${violation()}: the server ended with ${end.code ?? end.signal}. ${this.tail()}`);
      }
      if (Date.now() > deadline) throw new Error(violation());
    }
  }

  /** Resolves once the crowd has completed `count` more calls. */
  async sells(when: string, count = 1): Promise<void> {
    const before = this.counts().ok ?? 0;
    const sold = (): number => (this.counts().ok ?? 0) - before;
    await this.until(
      () => sold() >= count,
      () => `only ${sold()} of ${count} calls were completed ${when}`,
    );
  }

  /** Resolves to how the server ended; null where it still runs after `waitMs`. */
  ended(waitMs = patienceMs) {
    return Promise.race([this.server.exited, sleep(waitMs, null, { ref: false })]);
  }

  /** Records a violation unless the server is killed at this place. */
  async expectKilled(where: string): Promise<void> {
    const end = await this.ended();
    this.expect(end?.signal === 'SIGKILL', `no kill ${where}: ${JSON.stringify(end)} ${this.tail()}`);
    await this.server.kill();
  }

  /** Records a violation unless the server exits with 70. */
  async expectFault(): Promise<void> {
    const end = await this.ended();
    this.expect(end?.code === 70, `no end with 70: ${JSON.stringify(end)} ${this.tail()}`);
    await this.server.kill();
  }

  /** The end of the server's output. */
  tail(): string {
    return this.server.output().slice(-800);
  }

  /** Retries every unknown call with its own key; requires a running server. */
  async replay(): Promise<Replays> {
    const client = new ShopClient(this.server.url, 1, this.ledger, ids.orderToken);
    const replays = await replayUnknown(client, this.ledger.calls());
    this.#replayed += replays.replayed;
    await client.close();
    return replays;
  }

  /** Audits the file alone, without the ledger. */
  audit(): void {
    this.violations.push(...readFile(this.databaseFile, audit));
  }

  /**
   * Compares the file with the ledger, and audits it. `aheadMs`: how far the servers' clock is
   * ahead. `foreseen`: findings that the test itself causes.
   */
  judge(aheadMs = 0, foreseen?: RegExp): void {
    const findings = readFile(this.databaseFile, (connection) => {
      const own = idsOfFile(connection, testEnvironment.SECRET_KEY);
      const orders = readOrders(connection, own);
      // After the rows are read: a hold of theirs may expire while the audit runs.
      const bench = { ids: own, now: Date.now() + aheadMs, contactOf };
      return [
        ...audit(connection).filter((finding) => foreseen?.test(finding) !== true),
        ...judge(this.ledger, orders, bench),
        ...this.drops.judge(connection),
      ];
    });
    this.violations.push(...findings);
  }

  /** Starts the real server after a faulty one has ended, retries unknown calls, and compares. */
  async recover(): Promise<void> {
    await this.start();
    await this.replay();
    this.judge();
  }

  /** Reads from the file while the server runs. */
  read<T>(sql: string): T[] {
    return readFile(this.databaseFile, (connection) => connection.prepare<[], T>(sql).all());
  }

  /** Stops the server gracefully. */
  async stop(): Promise<void> {
    const { code, signal } = await this.server.stop();
    this.expect(code === 0, `the graceful stop ended with ${code ?? signal}: ${this.tail()}`);
  }

  /** Ends every process, and keeps the folder only as evidence. */
  async close(): Promise<void> {
    for (const server of this.#all) await server.kill();
    this.ledger.close();
    if (this.violations.length === 0) rmSync(this.folder, { recursive: true, force: true });
    else this.violations.push(`its files are in ${this.folder}`);
  }
}
