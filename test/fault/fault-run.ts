/** One file, the servers that serve it one after the other, the crowd that buys, and the ledger that knows what each was told. */
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
  startInVain,
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
/** Between two looks at what is waited for. */
const LOOK_MS = 50;
/** How far the group of customers who come again moves on from load to load: some of them have bought before. */
const SHARED_STEP = 15;
export const ids = createIds(testEnvironment.SECRET_KEY);

export class FaultRun {
  readonly folder: string;
  readonly databaseFile: string;
  readonly violations: string[] = [];
  /** Counted where each case has been judged. */
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

  /** How many calls were asked again. */
  get replayed(): number {
    return this.#replayed;
  }

  /** The last one that was started. */
  get server(): ServerProcess {
    const server = this.#all.at(-1);
    if (!server) throw new Error('No server has been started.');
    return server;
  }

  /** As every server of this run is started. */
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

  /** Starts a server on the file. Rejects where it does not come up. */
  async start(options: StartOptions = {}): Promise<ServerProcess> {
    this.#all.push(await startServer(this.options(options)));
    return this.server;
  }

  /** Starts a server that must not come up; resolves with how it ended. */
  startInVain(options: StartOptions = {}): Promise<EndOfStart> {
    return startInVain(this.options(options));
  }

  /** Starts the first server and opens the drops. */
  async open(): Promise<void> {
    await this.start();
    await this.drops.open(this.server);
    await this.drops.restock(this.server);
  }

  /** Adds units, ends the server gracefully, and starts one that will meet a fault. */
  async exchangeForFaulty(fault: FaultAt, env: Record<string, string> = {}): Promise<void> {
    await this.drops.restock(this.server);
    await this.stop();
    await this.start({ fault, env });
  }

  /** Lets shoppers in, who buy, cancel and pay without a pause, until they are told to end or the server is gone. */
  letIn(count = SHOPPERS): Crowd {
    this.#loads += 1;
    this.#memory.sharedFrom += SHARED_STEP;
    const client = new TimedClient(this.server.url, count, this.ledger, ids.orderToken);
    const [offers, memory, keyPrefix] = [this.drops.offers, this.#memory, `load${this.#loads}`];
    const shoppers = startShoppers(client, { offers, memory, count, keyPrefix }, this.random);
    // Or a dead server would fill the ledger with calls that nobody hears.
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

  /** As an operator. */
  operate(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.server.adminToken}`, 'content-type': 'application/json' };
    return fetch(`${this.server.url}${path}`, { ...init, headers });
  }

  /** A figure of /metrics; NaN where there is none. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.server.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  }

  /** All calls, by what was last heard of them. */
  counts(): Record<string, number> {
    return countCalls(this.ledger.calls());
  }

  expect(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  /** Checks repeatedly until `holds` is true. Throws if the server exits first or if that takes too long. */
  async until(holds: () => boolean | Promise<boolean>, violation: () => string): Promise<void> {
    for (const deadline = Date.now() + patienceMs; !(await holds()); ) {
      const end = await this.ended(LOOK_MS);
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

  /** Resolves with how the server ended; null where it is still there after `waitMs`. */
  ended(waitMs = patienceMs) {
    return Promise.race([this.server.exited, sleep(waitMs, null, { ref: false })]);
  }

  /** Notes a violation where the server is not killed where it should be. */
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

  /** The end of what the server has printed. */
  tail(): string {
    return this.server.output().slice(-800);
  }

  /** Asks again for what is unknown, each under its own key; a server must run. */
  async replay(): Promise<Replays> {
    const client = new ShopClient(this.server.url, 1, this.ledger, ids.orderToken);
    const replays = await replayUnknown(client, this.ledger.calls());
    this.#replayed += replays.replayed;
    await client.close();
    return replays;
  }

  /** Audits the file alone, where the ledger knows nothing of it. */
  audit(): void {
    this.violations.push(...readFile(this.databaseFile, audit));
  }

  /**
   * Compares the file with the ledger, and audits it. `aheadMs`: how far the servers' clock is ahead of ours. `foreseen`: findings
   * of what the test itself has done to the file.
   */
  judge(aheadMs = 0, foreseen?: RegExp): void {
    const findings = readFile(this.databaseFile, (connection) => {
      const own = idsOfFile(connection, testEnvironment.SECRET_KEY);
      const bench = { ids: own, now: Date.now() + aheadMs, contactOf };
      return [
        ...audit(connection).filter((finding) => foreseen?.test(finding) !== true),
        ...judge(this.ledger, readOrders(connection, own), bench),
        ...this.drops.judge(connection),
      ];
    });
    this.violations.push(...findings);
  }

  /** Starts the real server where a faulty one has ended, asks again for what is unknown, and judges. */
  async recover(): Promise<void> {
    await this.start();
    await this.replay();
    this.judge();
  }

  /** Reads something of the file beside the server. */
  read<T>(sql: string): T[] {
    return readFile(this.databaseFile, (connection) => connection.prepare<[], T>(sql).all());
  }

  /** Ends the server gracefully. */
  async stop(): Promise<void> {
    const { code, signal } = await this.server.stop();
    this.expect(code === 0, `the graceful stop ended with ${code ?? signal}: ${this.tail()}`);
  }

  /** Leaves nothing running, and the folder only where it is evidence. */
  async close(): Promise<void> {
    for (const server of this.#all) await server.kill();
    this.ledger.close();
    if (this.violations.length === 0) rmSync(this.folder, { recursive: true, force: true });
    else this.violations.push(`its files are in ${this.folder}`);
  }
}
