/**
 * A crowd in front of a real server: thousands of purchases at once over up to a thousand sockets,
 * each in the ledger.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { judge, readOrders } from '../../../src/crowd/judge.ts';
import { Ledger, type Result } from '../../../src/crowd/ledger.ts';
import type { Verdict } from '../../../src/crowd/verdict.ts';
import { readFile } from '../../../src/database/sqlite/file-rows.ts';
import { idsOfFile } from '../../../src/database/sqlite/ids-of-file.ts';
import { MACHINE } from '../../../src/domain/shard.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { databaseFilesOf, violationsOf } from '../../support/database-files.ts';
import { keyOf } from '../../support/key-of.ts';
import { type RuntimeName, type ServerProcess, startServer } from '../../support/server-process.ts';
import type { Drop, Order } from '../../support/shapes.ts';
import { sized } from '../../support/suite.ts';
import { type NewDrop, openDrop, sku } from '../operator.ts';
import { replayUnknown } from '../replays.ts';
import { contactOf, ShopClient } from '../shop-client.ts';
import { mostUnitsEver } from './most-units.ts';

const smallCrowd = { purchases: 2_000, stock: 100 };

/**
 * The size of the crowd and the stock: fewer in the quick suite, and where a development proxy
 * stands before the Worker.
 */
export const crowdOn = (runtime: RuntimeName): { purchases: number; stock: number } =>
  runtime === 'workerd' ? smallCrowd : sized({ purchases: 20_000, stock: 500 }, smallCrowd);

/** The development proxy before a Worker resets some of a thousand sockets on a slow machine. */
const socketsOn = (runtime: RuntimeName): number => (runtime === 'workerd' ? 100 : 1_000);
/** The proxy closes a socket by RST or by FIN. */
const proxyDrops: ReadonlySet<string> = new Set(['read ECONNRESET', 'other side closed']);
/** Payments and late calls do not queue behind the crowd. */
const sideSocketsMax = 50;

/** The answers to a crowd. */
export interface Reported {
  orders: Order[];
  units: number;
  /** Purchases refused, by code. */
  refused: Record<string, number>;
  /** Expired holds, by the file. */
  expired: number;
}

export class Crowd {
  readonly server: ServerProcess;
  readonly drop: Drop;
  readonly #runtime: RuntimeName;
  readonly #folder: string;
  readonly #ledger: Ledger;
  readonly #front: ShopClient;
  readonly #side: ShopClient;
  /** The shard whose ids the server issues: at the edge an order's number contains it. */
  readonly #shardId: number;
  #calls = 0;

  private constructor(runtime: RuntimeName, server: ServerProcess, drop: Drop, folder: string) {
    const { orderToken, shardIdOf } = createIds(server.secretKey);
    this.#shardId = runtime === 'workerd' ? (shardIdOf(drop.id) ?? MACHINE) : MACHINE;
    this.#runtime = runtime;
    this.server = server;
    this.drop = drop;
    this.#folder = folder;
    this.#ledger = new Ledger(join(folder, 'ledger'));
    this.#front = new ShopClient(server.url, socketsOn(runtime), this.#ledger, orderToken);
    this.#side = new ShopClient(server.url, sideSocketsMax, this.#ledger, orderToken);
  }

  /** Starts a server on a new file for the current test, and opens a drop. */
  static async gather(runtime: RuntimeName, drop: Partial<NewDrop> = {}): Promise<Crowd> {
    const folder = mkdtempSync(join(tmpdir(), 'stampede-crowd-'));
    const server = await startServer({ runtime, databaseFile: join(folder, 'data', 'drop.db') });
    onTestFinished(() => server.kill());
    const opened = await openDrop(server, {
      slug: 'crowd',
      stock: crowdOn(runtime).stock,
      holdSeconds: 600,
      perCustomer: null,
      ...drop,
    });
    return new Crowd(runtime, server, opened, folder);
  }

  /** The file that holds the drop, on any runtime. */
  get databaseFile(): string {
    const [file, ...others] = databaseFilesOf(this.server);
    if (file === undefined || others.length > 0) throw new Error('A crowd has one drop, in one file.');
    return file;
  }

  buy(customer: number, quantity = 1): Promise<Verdict> {
    const key = keyOf(++this.#calls);
    return this.#front.call({ call: 'purchase', key, dropId: this.drop.id, sku, quantity, customer });
  }

  pay(orderId: string): Promise<Verdict> {
    return this.#side.call({ call: 'pay', key: keyOf(++this.#calls), orderId });
  }

  /** The drop as the public sees it. */
  async look(): Promise<Drop> {
    const answer = await fetch(`${this.server.url}/drops/${this.drop.id}`).catch((error: unknown) => {
      if (this.#runtime !== 'workerd') throw error;
      return null;
    });
    return answer === null ? this.look() : ((await answer.json()) as Drop);
  }

  /**
   * Ends the crowd: retries purchases with an unknown outcome, stops the server gracefully, expects
   * that the file agrees with every answer and violates no invariant, and returns the answers.
   */
  async disperse(): Promise<Reported> {
    const unknown = this.#ledger.calls().filter(({ result }) => result?.kind === 'unknown');
    // Only the server itself may leave an outcome unknown, and only with an explicit answer.
    const isForeseen = (reason: string): boolean =>
      reason.startsWith('503') || (this.#runtime === 'workerd' && proxyDrops.has(reason));
    expect(unknown.map(({ result }) => reasonOf(result)).filter((reason) => !isForeseen(reason))).toEqual([]);
    await replayUnknown(this.#side, unknown);
    await Promise.all([this.#front.close(), this.#side.close()]);
    const end = await this.server.stop();
    expect(end, this.server.output().slice(-2_000)).toEqual({ code: 0, signal: null });

    const { secretKey } = this.server;
    expect(violationsOf(this.server)).toEqual([]);
    const databaseFile = this.databaseFile;
    expect(
      readFile(databaseFile, (file) => {
        const ids = idsOfFile(file, secretKey, this.#shardId);
        return judge(this.#ledger, readOrders(file, ids), { ids, now: Date.now(), contactOf });
      }),
    ).toEqual([]);
    const count = (where: string): number =>
      readFile(databaseFile, (file) =>
        file.prepare<[], number>(`select count(*) from orders where ${where}`).pluck().get(),
      ) ?? 0;
    const reported = { ...this.#reported(), expired: count("release_reason = 'expired'") };
    expect(reported.orders.length).toBe(count('true'));
    expect(readFile(databaseFile, mostUnitsEver)).toBeLessThanOrEqual(this.drop.items[0]?.stock ?? 0);
    this.#ledger.close();
    rmSync(this.#folder, { recursive: true });
    return reported;
  }

  #reported(): Omit<Reported, 'expired'> {
    const reported: Omit<Reported, 'expired'> = { orders: [], units: 0, refused: {} };
    for (const { invoked, result } of this.#ledger.calls()) {
      if (invoked.call !== 'purchase') continue;
      if (result?.kind === 'refused')
        reported.refused[result.code] = (reported.refused[result.code] ?? 0) + 1;
      if (result?.kind !== 'ok') continue;
      reported.orders.push((JSON.parse(result.body) as { order: Order }).order);
      reported.units += invoked.quantity;
    }
    return reported;
  }
}

const reasonOf = (result: Result | null): string => (result?.kind === 'unknown' ? result.reason : '');
