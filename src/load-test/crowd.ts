/**
 * Sends a crowd's requests on schedule, however slow the server is and through the crash, until the
 * outcome of every purchase is known.
 */
import { isRefused, outcomeOf, resultOf, showsDrops, verdictOfAnswer, wordsOf } from '../crowd/answers.ts';
import type { ConnectionPool } from '../crowd/connection-pool.ts';
import type { Answered, HttpConnection } from '../crowd/http-connection.ts';
import type { Ledger, PurchaseInvoked } from '../crowd/ledger.ts';
import { OpenLoop } from '../crowd/open-loop.ts';
import { spread } from '../crowd/request-text.ts';
import { isDefinite, type Verdict } from '../crowd/verdict.ts';
import { doubledMs } from '../domain/backoff.ts';
import { type Buyers, isPayer } from './buyers.ts';
import type { Crash } from './crash.ts';
import type { Figures, Kind } from './figures.ts';
import { LOAD_TEST_PATIENCE_MS, LOAD_TEST_RETRY_FIRST_MS, LOAD_TEST_RETRY_MAX_MS } from './limits.ts';
import type { CrowdPlan } from './plan.ts';

const randomSeed = 1;
const progressEveryMs = 1_000;
/** How long after a refused connection no new one is tried. */
const refusalLastsMs = 20;
/** Connections: as many as the rate per second, within these limits. */
const connectionsMin = 50;
const connectionsMax = 2_000;
/** Limit of the pool while answers are slow. */
const connectionsGrownMax = 10_000;

export interface CrowdSetup {
  hostname: string;
  port: number;
  units: number;
  plan: CrowdPlan;
  /** Maximum latency of a timely answer. */
  boundMs: number;
  buyers: Buyers;
  ledger: Ledger;
  figures: Figures;
  crash: Crash;
  /** Kills and restarts the server; resolves with whether it listens. Never rejects. */
  crashServer: () => Promise<boolean>;
  onProgress: (elapsedMs: number) => void;
}

export interface CrowdRun {
  startMs: number;
  /** From the due time of the first arrival to the last arrival that was sent. */
  sendingMs: number;
}

interface Purchase {
  invoked: PurchaseInvoked;
  dueMs: number;
  tries: number;
}

class Crowd {
  readonly #setup: CrowdSetup;
  readonly #loop: OpenLoop;
  readonly #pool: ConnectionPool;
  readonly #middleMs: number;
  /** Purchases whose first attempt failed, and whose outcome is still unknown. */
  #open = 0;
  /** Requests under way, and purchases that wait for a retry. */
  #unfinished = 0;
  #acknowledged = 0;
  /** Until then, assume that no server listens, because a connection was refused. */
  #shutUntilMs = 0;
  #isBack: Promise<boolean> | null = null;
  #hasGivenUp = false;

  constructor(setup: CrowdSetup, loop: OpenLoop) {
    this.#setup = setup;
    this.#loop = loop;
    this.#pool = loop.pool;
    this.#middleMs = loop.startMs + (setup.plan.seconds * 1000) / 2;
  }

  async run(): Promise<CrowdRun> {
    const { figures, onProgress } = this.#setup;
    const { startMs } = this.#loop;
    const progressTimer = setInterval(() => onProgress(performance.now() - startMs), progressEveryMs);
    let lastSentMs = startMs;
    try {
      await this.#loop.send((connection, dueMs, isRead) => {
        this.#crashWhenDue();
        if (connection === undefined) {
          figures.dropped += 1;
          figures.recordArrival(dueMs - startMs, Number.POSITIVE_INFINITY);
          return;
        }
        lastSentMs = performance.now();
        figures.recordSent(lastSentMs - dueMs);
        this.#unfinished += 1;
        if (isRead) this.#read(connection, dueMs);
        else this.#buy(connection, dueMs);
      });
      const isBack = await this.#crashOnce();
      const patienceMs = isBack ? LOAD_TEST_PATIENCE_MS : 0;
      await this.#loop.settle(() => this.#unfinished === 0, performance.now() + patienceMs);
    } finally {
      this.#hasGivenUp = true;
      clearInterval(progressTimer);
      this.#loop.close();
    }
    return { startMs, sendingMs: lastSentMs - startMs };
  }

  /** Crashes the server in the middle of the sale: at half of the units or half of the time. */
  #crashWhenDue(): void {
    const isMiddle = this.#acknowledged * 2 >= this.#setup.units || performance.now() >= this.#middleMs;
    if (isMiddle) void this.#crashOnce();
  }

  #crashOnce(): Promise<boolean> {
    this.#isBack ??= this.#setup.crashServer();
    return this.#isBack;
  }

  /**
   * Sends a request. Shortly after a refused connection, fails without one: opening thousands of
   * sockets to a closed port would use up the core on which the server restarts. Real buyers open
   * theirs on other machines.
   */
  #send(connection: HttpConnection, request: string, answered: Answered): void {
    const pass: Answered = (answer) => {
      // Ignore answers that arrive after the run.
      if (!this.#hasGivenUp) answered(answer);
    };
    if (performance.now() < this.#shutUntilMs) {
      setImmediate(pass, new Error('no server listens'));
      return;
    }
    connection.send(request, (answer) => {
      if (isRefused(answer)) this.#shutUntilMs = performance.now() + refusalLastsMs;
      pass(answer);
    });
  }

  #read(connection: HttpConnection, dueMs: number): void {
    this.#send(connection, this.#setup.buyers.read(), (answer) => {
      this.#pool.give(connection);
      const isFine = showsDrops(answer);
      this.#finish('read', isFine ? 'read' : 'unanswered', dueMs);
      if (!isFine) this.#recordError('a read', verdictOfAnswer(answer));
    });
  }

  #buy(connection: HttpConnection, dueMs: number): void {
    const invoked = this.#setup.buyers.next();
    this.#setup.ledger.invoke(invoked);
    this.#sendPurchase(connection, { invoked, dueMs, tries: 0 });
  }

  #sendPurchase(connection: HttpConnection, purchase: Purchase): void {
    const { ledger, buyers, figures, crash } = this.#setup;
    const { invoked, dueMs } = purchase;
    const sentMs = performance.now();
    this.#send(connection, buyers.purchase(invoked), (answer) => {
      purchase.tries += 1;
      const verdict = verdictOfAnswer(answer);
      const result = resultOf(verdict);
      const isFirst = purchase.tries === 1;
      // A shed request had no effect; the answer says nothing about an earlier attempt.
      const isKnown = result.kind !== 'unknown' && (isFirst || isDefinite(verdict));
      if (isFirst || isKnown) ledger.settle(invoked.key, result);
      if (!isKnown) {
        this.#pool.give(connection);
        if (isFirst) {
          this.#open += 1;
          figures.retried += 1;
          this.#recordError('a purchase', verdict);
        }
        this.#retryLater(purchase);
        return;
      }
      if (!isFirst) this.#open -= 1;
      crash.answered(sentMs, performance.now(), this.#open);
      if (result.kind === 'ok') this.#acknowledged += 1;
      this.#finish('purchase', outcomeOf(verdict, 'held'), dueMs);
      const pays = result.kind === 'ok' && isPayer(invoked.customer, this.#setup.plan.paidShare);
      if (pays) this.#pay(connection, result.orderId, invoked.key);
      else this.#pool.give(connection);
    });
  }

  #retryLater(purchase: Purchase): void {
    // With backoff: a restarting server must not meet a second stampede of retries.
    const backoffMs = doubledMs(purchase.tries - 1, LOAD_TEST_RETRY_FIRST_MS, LOAD_TEST_RETRY_MAX_MS);
    const waitMs = backoffMs * (0.5 + spread(purchase.invoked.customer));
    setTimeout(() => {
      if (this.#hasGivenUp) return;
      const connection = this.#pool.take();
      if (connection === undefined) this.#retryLater(purchase);
      else this.#sendPurchase(connection, purchase);
    }, waitMs);
  }

  /** Pays without retries: the sandbox treats a retry as another payment. */
  #pay(connection: HttpConnection, orderId: string, purchaseKey: string): void {
    const { ledger, buyers } = this.#setup;
    const key = `${purchaseKey}/pay`;
    const sentMs = performance.now();
    this.#unfinished += 1;
    ledger.invoke({ call: 'pay', key, orderId });
    this.#send(connection, buyers.payment(orderId), (answer) => {
      this.#pool.give(connection);
      const verdict = verdictOfAnswer(answer);
      ledger.settle(key, verdict.kind === 'ok' ? { kind: 'ok', orderId, body: verdict.body } : verdict);
      this.#finish('payment', outcomeOf(verdict, 'paid'), sentMs);
      if (verdict.kind === 'unknown') this.#recordError('a payment', verdict);
    });
  }

  /** Counts an answered request. */
  #finish(kind: Kind, outcome: string, dueMs: number): void {
    const { figures, crash, boundMs } = this.#setup;
    const nowMs = performance.now();
    this.#unfinished -= 1;
    figures.recordDone(
      kind,
      outcome,
      crash.phaseOf(dueMs, nowMs, boundMs),
      crash.waitedMs(dueMs, nowMs, boundMs),
    );
    if (kind !== 'payment') figures.recordArrival(dueMs - this.#loop.startMs, nowMs - dueMs);
  }

  /** Records an error, unless the crash is under way and explains it. */
  #recordError(what: string, verdict: Verdict): void {
    const { crash, figures } = this.#setup;
    if (!crash.isUnderWay(performance.now()))
      figures.recordError(`${what} was answered by ${wordsOf(verdict)}`);
  }
}

/**
 * Resolves once every request is answered or abandoned. Rejects if the server is unreachable at the
 * start.
 */
export async function runCrowd(setup: CrowdSetup): Promise<CrowdRun> {
  const { hostname: host, port, plan } = setup;
  const { ratePerSecond, seconds, readShare } = plan;
  const connections = Math.min(connectionsMax, Math.max(connectionsMin, Math.ceil(ratePerSecond)));
  const loop = await OpenLoop.open({
    host,
    port,
    arrivals: { ratePerSecond, seconds, readShare, randomSeed },
    pool: { connections, connectionsMax: connectionsGrownMax },
  });
  return new Crowd(setup, loop).run();
}
