/** A crowd at the edge while workerd is killed again and again: it buys, pays and retries, and a ledger keeps every answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, Ledger, type PurchaseInvoked } from '../../src/crowd/ledger.ts';
import { isDefinite, type Verdict, verdictOf } from '../../src/crowd/verdict.ts';
import { shardIdOf, shardOfCustomer } from '../../src/domain/shard.ts';
import { createIds, type Ids } from '../../src/ids/ids.ts';
import { countCalls } from '../fault/count-calls.ts';
import { sku } from '../fault/operator.ts';
import { pick, type Random, seededRandom } from '../fault/random.ts';
import { replayKnown, replayUnknown } from '../fault/replays.ts';
import { contactOf, ShopClient } from '../fault/shop-client.ts';
import { type Memory, type Offer, startShoppers } from '../fault/shoppers.ts';
import { keyOf } from '../support/key-of.ts';
import { LoopbackResend } from '../support/loopback-mail.ts';
import { testEnvironment } from '../support/server-process.ts';
import type { AdminDrop } from '../support/shapes.ts';
import { findingsAfterKills } from './after-kills.ts';
import { straightHeader } from './fault-switches.ts';
import { KilledOperator } from './killed-operator.ts';
import { EdgeShop, faultyBundle } from './worker-under-test.ts';

export interface KilledCrowdOptions {
  /** Over how many objects each drop is split. */
  shards: number;
  kills: number;
  /** Answers that the crowd has had before each kill. */
  answers: number;
  seed: number;
}

export interface KilledCrowdReport {
  /** Calls by what was last heard of them. */
  calls: Record<string, number>;
  /** Unknown calls that were made again, and how many of them had been done. */
  replayed: number;
  replayedDone: number;
  /** Operators' writes that a kill may have cut off. */
  writes: number;
  /** Orders that were sold past a Worker which had refused them, and were then asked for there. */
  soldPastRefusals: number;
  letters: number;
  restartsMs: number[];
  violations: string[];
}

const SHOPPERS = 24;
/** From the operator's writes to the kill. */
const KILL_DELAY_MS_MAX = 60;
/** Acknowledged purchases that are asked for again after each kill. */
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

  /** Opens the drops: one has units for all, one sells out again and again, and one has short holds and a limit for a customer. */
  async open(): Promise<void> {
    await this.mail.listen();
    const vars = { ...this.mail.env, PUBLIC_URL: 'https://shop.example', KEPT_QUEUE: 'on' };
    await this.shop.start(faultyBundle(), vars, {}, join(this.#folder, 'state'));
    await this.shop.catalogue('create table kept_messages (body text not null) strict');
    const plenty = await this.operator.openDrop('plenty', 100_000);
    const scarce = await this.operator.openDrop('scarce', 40);
    this.#brief = await this.operator.openDrop('brief', 30, { holdSeconds: 1, perCustomer: 3 });
    for (const { id: dropId } of [plenty, scarce]) this.offers.push({ dropId, sku, customers: 'own' });
    this.offers.push({ dropId: this.#brief.id, sku, customers: { shared: 60 } });
    this.#restocked.push(scarce.id, this.#brief.id);
    await this.operator.openSideDrops();
  }

  /** Lets the crowd in, kills workerd after so many answers, and repeats what was cut off. */
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

  /** Compares everything with what was told, and ends workerd. */
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
      letters: this.mail.accepted.length,
      violations,
    };
  }

  #client(connections: number): ShopClient {
    return new ShopClient(this.shop.server.url, connections, this.ledger, this.ids.orderToken);
  }

  /** As a queue that delivers at least once. */
  async #deliverAgain(): Promise<void> {
    const kept = await this.shop.catalogue<{ body: string }>('select body from kept_messages');
    await this.shop.queue(...kept.map(({ body }) => JSON.parse(body) as unknown));
  }

  /** Asks again for what is unknown and for some of what is known, and pays again what is not paid. */
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

  /** Buys with one key from the Worker, then past it, then from the Worker again: an order that was sold must be answered. */
  #buyPastWorker(): { stop: () => void; done: Promise<void> } {
    let isStopped = false;
    const shop = async (): Promise<void> => {
      for (let count = 0; !isStopped; count += 1) {
        const customer = this.#memory.nextCustomer++;
        const key = keyOf(`past${this.#round}-${count}`);
        // Of the drop whose units come back all the time.
        const dropId = this.#brief?.id ?? '';
        const invoked: PurchaseInvoked = { call: 'purchase', key, dropId, sku, quantity: 1, customer };
        this.ledger.invoke(invoked);
        const first = await this.#buy(invoked, false);
        const past = first.kind === 'refused' ? await this.#buy(invoked, true) : first;
        const last = await this.#buy(invoked, false);
        const verdicts = [last, past, first];
        const told = verdicts.find(({ kind }) => kind === 'ok') ?? verdicts.find((one) => !isDefinite(one));
        if (first.kind === 'refused' && past.kind === 'ok') this.#report.soldPastRefusals += 1;
        if (past.kind === 'ok' && last.kind === 'refused' && isDefinite(last))
          this.#violations.push(`purchase ${key} is refused by the Worker after its object has sold`);
        const verdict = told ?? last;
        this.ledger.settle(
          key,
          verdict.kind === 'ok' ? { ...verdict, orderId: orderIn(verdict.body) } : verdict,
        );
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

const orderIn = (body: string): string => (JSON.parse(body) as { order: { id: string } }).order.id;

/** Plays a whole run. `onKill` hears of each restart. */
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
