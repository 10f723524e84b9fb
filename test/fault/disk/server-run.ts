/** A real server on a failing disk, the crowd that buys from it, and the ledger that knows what each was told. */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../../../src/crowd/judge.ts';
import { Ledger } from '../../../src/crowd/ledger.ts';
import { audit, readFile } from '../../../src/database/sqlite/file-rows.ts';
import { createIds } from '../../../src/ids.ts';
import {
  type RuntimeName,
  type ServerProcess,
  spawnServer,
  startServer,
  testEnvironment,
} from '../../support/server-process.ts';
import { openDrop, sku } from '../operator.ts';
import { seededRandom } from '../random.ts';
import { replayUnknown } from '../replays.ts';
import { contactOf, ShopClient } from '../shop-client.ts';
import { type Memory, type Shoppers, startShoppers } from '../shoppers.ts';
import { TimedClient } from '../timed-client.ts';
import { FailingDisk } from './failing-disk.ts';

const PATIENCE_MS = 8_000;
const ids = createIds(testEnvironment.SECRET_KEY);

export interface Crowd {
  client: TimedClient;
  shoppers: Shoppers;
  /** Nobody begins anything new; resolves once everybody has his answer. */
  end(): Promise<void>;
}

export class ServerRun {
  readonly disk = new FailingDisk();
  readonly violations: string[] = [];
  readonly #runtime: RuntimeName;
  readonly #env: Record<string, string>;
  readonly #random: () => number;
  readonly #ledger = new Ledger(join(this.disk.folder, 'ledger'));
  readonly #memory: Memory = { nextCustomer: 0, sharedFrom: 0, toPayLate: [] };
  #server: ServerProcess | undefined;
  #dropId = '';
  #loads = 0;

  constructor(runtime: RuntimeName, seed: number, env: Record<string, string> = {}) {
    this.#runtime = runtime;
    this.#random = seededRandom(seed);
    this.#env = env;
  }

  get server(): ServerProcess {
    if (!this.#server) throw new Error('No server has been started.');
    return this.#server;
  }

  get #options() {
    return {
      runtime: this.#runtime,
      databaseFile: this.disk.databaseFile,
      env: { PUBLIC_URL: 'http://shop.example', ...this.#env, ...this.disk.environment() },
    };
  }

  /** Starts a server on the file; the first one opens a drop. Rejects where it does not come up. */
  async start(): Promise<void> {
    this.#server = await startServer(this.#options);
    if (this.#dropId !== '') return;
    const drop = await openDrop(this.#server, {
      ...{ slug: 'drop', stock: 1_000_000, holdSeconds: 3_600, perCustomer: null },
    });
    this.#dropId = drop.id;
  }

  /** Whether a server has come up; notes a violation where it has not, and did not say why. */
  startOrRefuse(): Promise<boolean> {
    return this.start().then(
      () => true,
      (error: unknown) => {
        this.expect(String(error).includes("can't start"), `a start has failed without a word: ${error}`);
        return false;
      },
    );
  }

  /** Starts a server that must not come up; resolves with how it ended and with what it printed. */
  async startInVain(): Promise<{ code: number | null; output: string }> {
    const { child, output } = spawnServer(this.#options);
    const deadline = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(deadline);
    return { code, output: output() };
  }

  /** Lets shoppers in, who buy, cancel and pay without a pause. */
  async letIn(count: number): Promise<Crowd> {
    this.#loads += 1;
    const client = new TimedClient(this.server.url, count, this.#ledger, ids.orderToken);
    const offers = [{ dropId: this.#dropId, sku, customers: 'own' as const }];
    const crowd = { offers, memory: this.#memory, count, keyPrefix: `load${this.#loads}` };
    const shoppers = startShoppers(client, crowd, this.#random);
    await shoppers.begun;
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

  /** Calls that nobody answered: the client gave up, or the connection broke. */
  unanswered(): number {
    return this.#ledger
      .calls()
      .filter(
        ({ result }) => result === null || (result.kind === 'unknown' && !result.reason.startsWith('503')),
      ).length;
  }

  /** Calls by what was last heard of them. */
  counts(): Record<string, number> {
    const kinds = this.#ledger
      .calls()
      .map(({ result }) => (result?.kind === 'refused' ? result.code : (result?.kind ?? 'open')));
    return Object.fromEntries(
      Object.entries(Object.groupBy(kinds, (kind) => kind)).map(([kind, all]) => [kind, all?.length ?? 0]),
    );
  }

  /** Asks for what is read on connections that are opened only now; resolves once each is answered, in whatever way. */
  async askForLongReads(): Promise<void> {
    const headers = { authorization: `Bearer ${this.server.adminToken}` };
    const ask = (path: string, method = 'GET') =>
      fetch(`${this.server.url}/admin/${path}`, { method, headers }).then((answer) => answer.arrayBuffer());
    const drop = `drops/${this.#dropId}`;
    await Promise.allSettled([ask(`${drop}/audit`), ask(`${drop}/orders.csv`), ask('backup', 'POST')]);
  }

  /** The status that the server answers on a path; 0 where it answers nothing. */
  async statusOf(path: string): Promise<number> {
    const signal = AbortSignal.timeout(1_000);
    return fetch(`${this.server.url}${path}`, { signal }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
  }

  /** Notes a violation where a path is answered otherwise. */
  async expectStatus(path: string, status: number, when: string): Promise<void> {
    const found = await this.statusOf(path);
    this.expect(found === status, `${path} is answered ${found}, not ${status}, ${when}`);
  }

  /** Waits until a path is answered so; notes a violation where it takes too long. */
  async becomes(path: string, status: number, when: string): Promise<void> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(20)) {
      if ((await this.statusOf(path)) === status) return;
    }
    this.violations.push(`${path} is never answered ${status} ${when}`);
  }

  expect(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation);
  }

  /** Notes a violation where the server does not end by itself with 70 and a line that says why. */
  async expectFault(): Promise<void> {
    const deadline = sleep(PATIENCE_MS).then(() => null);
    const end = await Promise.race([this.server.exited, deadline]);
    this.expect(end?.code === 70, `the server did not end by itself with 70: ${JSON.stringify(end)}`);
    this.expect(
      this.server.output().includes('the writer failed'),
      'the log does not say that the writer failed',
    );
    await this.server.kill();
  }

  /** Ends the server gracefully. */
  async stop(): Promise<void> {
    const { code, signal } = await this.server.stop();
    this.expect(code === 0, `the graceful stop ended with ${code ?? signal}`);
  }

  /** Asks again for what is unknown, and compares the file with the ledger; a server must run. */
  async judge(): Promise<void> {
    const client = new ShopClient(this.server.url, 1, this.#ledger, ids.orderToken);
    await replayUnknown(client, this.#ledger.calls());
    await client.close();
    const findings = readFile(this.disk.databaseFile, (connection) => [
      ...audit(connection),
      ...judge(this.#ledger, connection, { ids, now: Date.now(), contactOf }),
    ]);
    this.violations.push(...findings);
  }

  /** Leaves nothing running and nothing behind. */
  async close(): Promise<void> {
    await this.#server?.kill();
    this.#ledger.close();
    this.disk.remove();
  }
}

/** Runs `play` on a server of its own, and returns what was violated; a run that breaks off is one violation. */
export async function violationsOf(
  what: string,
  run: ServerRun,
  play: (run: ServerRun) => Promise<void>,
): Promise<string[]> {
  try {
    await play(run);
  } catch (error) {
    run.violations.push(`broke off: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await run.close();
  }
  return run.violations.map((violation) => `${what}: ${violation}`);
}
