/** A crowd at the edge while workerd is killed repeatedly: it buys, pays and retries. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resultOf } from '../../src/crowd/answers.ts';
import { type Call, Ledger, type PurchaseInvoked } from '../../src/crowd/ledger.ts';
import { isDefinite, type Verdict, verdictOf } from '../../src/crowd/verdict.ts';
import { shardIdOf, shardOfCustomer } from '../../src/domain/shard.ts';
import { createIds, type Ids } from '../../src/ids/ids.ts';
import { countCalls } from '../reliability/count-calls.ts';
import { sku } from '../reliability/operator.ts';
import { pick, type Random, seededRandom } from '../reliability/random.ts';
import { replayKnown, replayUnknown } from '../reliability/replays.ts';
import { contactOf, ShopClient } from '../reliability/shop-client.ts';
import { type Memory, type Offer, startShoppers } from '../reliability/shoppers.ts';
import { keyOf } from '../support/key-of.ts';
import { LoopbackResend } from '../support/loopback-mail.ts';
import { testEnvironment } from '../support/server-process.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { findingsAfterKills } from './after-kills.ts';
import { straightHeader } from './fault-switches.ts';
import { KilledOperator } from './killed-operator.ts';
import { EdgeShop, faultyBundle } from './worker-under-test.ts';

export interface KilledCrowdOptions {
  /** The number of objects over which each drop is split. */
  shards: number;
  kills: number;
  /** Answers to the crowd before each kill. */
  answers: number;
  seed: number;
}

export interface KilledCrowdReport {
  /** Calls by their last known outcome. */
  calls: Record<string, number>;
  /** Unknown calls that were retried, and how many of them had been executed. */
  replayed: number;
  replayedDone: number;
  /** Operators' writes that a kill may have interrupted. */
  writes: number;
  /** Orders sold past a Worker that had refused them, and then requested from it. */
  soldPastRefusals: number;
  mails: number;
  restartsMs: number[];
  violations: string[];
}

const SHOPPERS = 24;
/** The maximum delay of the kill after the operator's writes. */
const KILL_DELAY_MS_MAX = 60;
/** Acknowledged purchases that are replayed after each kill. */
const KNOWN_REPLAYS = 10;

export class KilledCrowd {
  readonly shop = new EdgeShop();
  readonly ids: Ids = createIds(testEnvironment.SECRET_KEY);
  readonly mail = new LoopbackResend();
  readonly operator: KilledOperator;
  readonly ledger: Ledger;
  readonly shards: number;
  readonly offers: Offer[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'stampede-killed-crowd-'));
  readonly #random: Random;
  readonly #memory: Memory = { nextCustomer: 0, sharedFrom: 1_000_000, toPayLate: [] };
  readonly #violations: string[] = [];
  readonly #report = { replayed: 0, replayedDone: 0, soldPastRefusals: 0, restartsMs: [] as number[] };
  readonly #restocked: string[] = [];
  #brief: AdminDrop | null = null;
  #round = 0;

  constructor({ shards, seed }: KilledCrowdOptions) {
    this.shards = shards;
    this.#random = seededRandom(seed);
    this.operator = new KilledOperator(this.shop, shards);
    this.ledger = new Ledger(join(this.#folder, 'ledger'));
  }

  /**
   * Opens the drops: one never sells out, one sells out repeatedly, and one has short holds and a
   * limit per customer.
   */
  async open(): Promise<void> {
    await this.mail.listen();
    const vars = { ...this.mail.env, PUBLIC_URL: 'https://shop.example', KEPT_QUEUE: 'on' };
    await this.shop.start(await faultyBundle(), vars, {}, join(this.#folder, 'state'));
    await this.shop.catalogue('create table kept_messages (body text not null) strict');
    const plenty = await this.operator.openDrop('plenty', 100_000);
    const scarce = await this.operator.openDrop('scarce', 40);
    this.#brief = await this.operator.openDrop('brief', 30, { holdSeconds: 1, perCustomer: 3 });
    for (const { id: dropId } of [plenty, scarce]) this.offers.push({ dropId, sku, customers: 'own' });
    this.offers.push({ dropId: this.#brief.id, sku, customers: { shared: 60 } });
    this.#restocked.push(scarce.id, this.#brief.id);
    await this.operator.openSideDrops();
  }

  /** Starts the crowd, kills workerd after this many answers, and retries interrupted calls. */
  async killOnce(answers: number): Promise<void> {
    this.#round += 1;
    const client = this.#client(SHOPPERS);
    const crowd = {
      offers: this.offers,
      memory: this.#memory,
      count: SHOPPERS,
      keyPrefix: keyOf(`load${this.#round}`),
    };
    const shoppers = startShoppers(client, crowd, this.#random);
    const past = this.#buyPastWorker();
    await shoppers.answered(answers);
    await this.operator.begin(this.#restocked, this.#round);
    await sleep(this.#random() * KILL_DELAY_MS_MAX);
    shoppers.stop();
    past.stop();
    const killedMs = performance.now();
    await this.shop.killAndRestart();
    this.#report.restartsMs.push(Math.round(performance.now() - killedMs));
    await Promise.all([shoppers.done, past.done]);
    await client.close();
    await this.#deliverAgain();
    await this.#askAgain();
    await this.operator.finish();
  }

  /** Compares everything with the ledger, and ends workerd. */
  async close(): Promise<KilledCrowdReport> {
    const violations = [
      ...this.#violations,
      ...(await findingsAfterKills(this)),
      ...this.operator.violations,
    ];
    this.ledger.close();
    await this.mail.close();
    if (violations.length === 0) rmSync(this.#folder, { recursive: true });
    else violations.push(`its files are in ${this.#folder}`);
    return {
      ...this.#report,
      calls: countCalls(this.ledger.calls()),
      writes: this.operator.writes,
      mails: this.mail.accepted.length,
      violations,
    };
  }

  #client(connections: number): ShopClient {
    return new ShopClient(this.shop.server.url, connections, this.ledger, this.ids.orderToken);
  }

  /** Redelivers messages, as an at-least-once queue does. */
  async #deliverAgain(): Promise<void> {
    const kept = await this.shop.catalogue<{ body: string }>('select body from kept_messages');
    await this.shop.queue(...kept.map(({ body }) => JSON.parse(body) as unknown));
  }

  /** Retries unknown calls, replays some known ones, and pays unpaid orders again. */
  async #askAgain(): Promise<void> {
    const client = this.#client(4);
    const calls = this.ledger.calls();
    const { replayed, replayedDone } = await replayUnknown(client, calls);
    this.#report.replayed += replayed;
    this.#report.replayedDone += replayedDone;
    for (const { invoked, result } of calls) {
      if (invoked.call !== 'pay' || result?.kind !== 'unknown') continue;
      const { orderId } = invoked;
      const path = `/orders/${orderId}`;
      const seen = await this.operator.answerTo({ path, token: this.ids.orderToken(orderId) });
      if (seen.text.includes('"status":"held"'))
        await client.call({ call: 'pay', key: keyOf(`again-${crypto.randomUUID()}`), orderId });
    }
    const known = this.ledger
      .calls()
      .filter(({ invoked, result }) => invoked.call === 'purchase' && result?.kind === 'ok');
    const asked: Call[] = Array.from({ length: KNOWN_REPLAYS }, () => pick(this.#random, known));
    this.#violations.push(...(await replayKnown(client, asked)));
    await client.close();
  }

  /**
   * Buys with one key through the Worker, then past it, then through it again: a sold order must be
   * returned.
   */
  #buyPastWorker(): { stop: () => void; done: Promise<void> } {
    let isStopped = false;
    const shop = async (): Promise<void> => {
      for (let count = 0; !isStopped; count += 1) {
        const customer = this.#memory.nextCustomer++;
        const key = keyOf(`past${this.#round}-${count}`);
        // The drop whose units are freed all the time.
        const dropId = this.#brief?.id ?? '';
        const invoked: PurchaseInvoked = { call: 'purchase', key, dropId, sku, quantity: 1, customer };
        this.ledger.invoke(invoked);
        const first = await this.#buy(invoked, false);
        const past = first.kind === 'refused' ? await this.#buy(invoked, true) : first;
        const last = await this.#buy(invoked, false);
        const verdicts = [last, past, first];
        const reported =
          verdicts.find(({ kind }) => kind === 'ok') ?? verdicts.find((one) => !isDefinite(one));
        if (first.kind === 'refused' && past.kind === 'ok') this.#report.soldPastRefusals += 1;
        if (past.kind === 'ok' && last.kind === 'refused' && isDefinite(last))
          this.#violations.push(`purchase ${key} is refused by the Worker after its object has sold`);
        this.ledger.settle(key, resultOf(reported ?? last));
      }
    };
    return { stop: () => (isStopped = true), done: shop() };
  }

  async #buy(invoked: PurchaseInvoked, isStraight: boolean): Promise<Verdict> {
    const { key, dropId, quantity, customer } = invoked;
    const contact = contactOf(customer);
    const shard = shardOfCustomer(this.ids.customer(contact.email), this.shards);
    const shardId = String(shardIdOf(this.ids.parseDrop(dropId) ?? 0, shard));
    try {
      const answer = await fetch(`${this.shop.server.url}/purchase`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          ...(isStraight && { [straightHeader]: shardId }),
        },
        body: JSON.stringify({ dropId, sku, quantity, customer: contact }),
      });
      const isReplay = answer.headers.get('idempotency-replayed') === 'true';
      return verdictOf(answer.status, await answer.text(), isReplay);
    } catch (error) {
      return { kind: 'unknown', reason: String(error) };
    }
  }
}

/** Runs the whole case. `onKill` is called after each restart. */
export async function runKilledCrowd(
  options: KilledCrowdOptions,
  onKill: (kill: number) => void = () => undefined,
): Promise<KilledCrowdReport> {
  const crowd = new KilledCrowd(options);
  await crowd.open();
  for (let kill = 1; kill <= options.kills; kill += 1) {
    await crowd.killOnce(options.answers);
    onKill(kill);
  }
  return crowd.close();
}
