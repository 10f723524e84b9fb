/** The wall clock of a server jumps: only what depends on it follows, and nothing repeats. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CUSTOMER_PURCHASES_MAX } from '../../../src/domain/client-limits.ts';
import { createSandbox } from '../../../src/payments/sandbox.ts';
import type { Drop, Purchase } from '../../support/shapes.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import { patchedRoot } from './places.ts';
import { buy, deliver, type Received, tryToBuy } from './single-buyer.ts';
import { holdBeside } from './two-programs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STOCK = 20;
const HOLDS = 5;
const HOLD_SECONDS = 600;
/** A hold, and a second more. */
const HOLD_MS = (HOLD_SECONDS + 1) * 1_000;
/** The longest deadline that a server accepts: the test releases the lock long before. */
const DEADLINE_MS = '60000';

class ClockRun extends FaultRun {
  readonly #file = join(this.folder, 'clock.txt');
  #aheadMs = 0;

  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** Starts a server whose clock the file moves, and which is otherwise the real one. */
  async startMovable(): Promise<void> {
    this.jumpTo(0);
    await this.start({ root: patchedRoot(), env: { CLOCK_FILE: this.#file } });
  }

  /** Sets how far the server's clock is ahead. */
  jumpTo(aheadMs: number): void {
    this.#aheadMs = aheadMs;
    // Padded to a constant width: a concurrent reader must not see half of another number.
    writeFileSync(this.#file, String(aheadMs).padEnd(24));
  }

  async openDrop(slug: string, startsAtMs: number, holdSeconds: number): Promise<Drop> {
    const answer = await this.operate('/admin/drops', {
      method: 'POST',
      body: JSON.stringify({
        slug,
        title: slug,
        currency: 'EUR',
        holdSeconds,
        publish: true,
        startsAt: new Date(startsAtMs).toISOString(),
        items: [{ sku: 'only', name: 'One size', price: 1_000, stock: STOCK }],
      }),
    });
    if (!answer.ok) throw new Error(`No drop: ${await answer.text()}`);
    return (await answer.json()) as Drop;
  }

  async phaseOf(slug: string): Promise<string> {
    const drop = (await (await fetch(`${this.server.url}/drops/${slug}`)).json()) as Drop;
    const { drops } = (await (await fetch(`${this.server.url}/drops`)).json()) as { drops: Drop[] };
    const listed = drops.find((one) => one.slug === slug)?.phase;
    this.expect(listed === drop.phase, `the list says that ${slug} is ${listed}, and its page ${drop.phase}`);
    return drop.phase;
  }

  async expectPhase(slug: string, phase: string, when: string): Promise<void> {
    const found = await this.phaseOf(slug);
    this.expect(found === phase, `${slug} is ${found}, not ${phase}, ${when}`);
  }

  expectAnswer({ status, code }: Received, wanted: number | string, what: string): void {
    this.expect(
      wanted === status || wanted === code,
      `${what} was answered ${status} ${code}, not ${wanted}`,
    );
  }

  /** One customer sends many requests at once: some must be refused, as quotas refill slowly. */
  async expectLimited(dropId: string, requests: number, what: string): Promise<void> {
    // Each has its own key: a retry is always answered.
    const buyOnce = () => tryToBuy(this.server, dropId, 'eager', crypto.randomUUID());
    const burst = Array.from({ length: requests }, buyOnce);
    const refused = (await Promise.all(burst)).filter(({ status }) => status === 429);
    this.expect(refused.length > 0, `${what} was refused none of ${requests} requests at once`);
  }

  /** Waits until this many holds have expired; each may expire only once. */
  async expectReleased(count: number, when: string): Promise<void> {
    const released = (): number => this.read("select 1 from orders where status = 'released'").length;
    await this.until(
      () => released() === count,
      () => `${released()} holds have run out ${when}, not ${count}`,
    );
    const twice = this.read(
      "select 1 from events where kind = 'released' group by order_id having count(*) > 1",
    );
    this.expect(twice.length === 0, `${twice.length} holds ran out twice ${when}`);
  }

  /** Waits until every hold due by the server's clock has expired: at least `countMin`. */
  async expectNoneDue(countMin: number, when: string): Promise<void> {
    const due = (): number => {
      const now = Date.now() + this.#aheadMs;
      return this.read(`select 1 from orders where status = 'held' and hold_expires_at <= ${now}`).length;
    };
    await this.until(
      () => due() === 0,
      () => `${due()} holds that are over have not run out ${when}`,
    );
    const released = this.read("select 1 from orders where status = 'released'").length;
    this.expect(released >= countMin, `${released} holds have run out ${when}, not ${countMin}`);
  }

  /** Waits until the log reports this many jumps. */
  async expectLogged(jumps: number): Promise<void> {
    const logged = (): number => this.server.output().split('has jumped').length - 1;
    await this.until(
      () => logged() >= jumps,
      () => `the log reports ${logged()} jumps, not ${jumps}`,
    );
  }

  /** Expects valid times and no negative count. */
  async expectSense(): Promise<void> {
    const senseless = this.read(
      'select 1 from orders where hold_expires_at <= created_at or created_at <= 0 union all select 1 from events where at <= 0',
    );
    this.expect(senseless.length === 0, `${senseless.length} rows have a time that makes no sense`);
    const metrics = await (await fetch(`${this.server.url}/metrics`)).text();
    const below = metrics.split('\n').filter((line) => / -\d/.test(line) && !line.startsWith('#'));
    this.expect(below.length === 0, `/metrics has ${below.join('; ')}`);
  }
}

/** The expiry of the hold in a purchase's answer; NaN if there is none. */
const expiryIn = (body: string): number => Date.parse((JSON.parse(body) as Purchase).order?.holdExpiresAt);

/** A webhook that the provider signs by a clock that is ahead. */
const paymentBy = (run: ClockRun, { order }: Purchase, aheadMs: number) => {
  const { id: orderId, total: amount, currency } = order;
  const sandbox = createSandbox(run.server.secretKey, () => '');
  const charge = { orderId, amount, currency, outcome: 'paid' } as const;
  return { path: '/payments/sandbox/webhook', ...sandbox.webhookFor(charge, Date.now() + aheadMs) };
};

/** Two days forward, while a command waits for the writer, then to an hour before the real time. */
export const jumpForthAndBack = (runtime: MachineRuntime): Promise<CaseResult> => {
  const run = new ClockRun(runtime, 1, {
    env: {
      RATE_LIMIT: 'on',
      ADDRESS_UNITS_MAX: '100000',
      BUSY_TIMEOUT_MS: DEADLINE_MS,
      WRITE_DEADLINE_MS: DEADLINE_MS,
    },
  });
  return runCase('the clock jumps by two days, and back', run, async () => {
    await run.startMovable();
    const now = Date.now();
    const open = await run.openDrop('open', now - 60_000, 600);
    const tomorrow = await run.openDrop('tomorrow', now + DAY_MS, 600);
    run.expectAnswer(await tryToBuy(run.server, tomorrow.id, 'early'), 'not_started', 'an early buyer');
    await run.expectPhase('tomorrow', 'scheduled', 'a day before');
    const held: Purchase[] = [];
    for (let index = 0; index < HOLDS; index += 1) {
      held.push(await buy(run.server, open.id, `holder-${index}`));
    }
    await run.expectLimited(open.id, CUSTOMER_PURCHASES_MAX * 2, 'who asks too often');

    const lock = await holdBeside(run, { what: 'lock' });
    const waiting: Promise<Received>[] = [];
    await run.until(
      async () => {
        waiting.push(tryToBuy(run.server, open.id, `waiting-${waiting.length}`));
        return (await run.metric('stampede_queue_depth{priority="holds"}')) > 0;
      },
      () => `none of ${waiting.length} purchases waits behind another one`,
    );
    run.jumpTo(2 * DAY_MS);
    await lock.end();
    const answers = await Promise.all(waiting);
    for (const answer of answers) run.expectAnswer(answer, 201, 'who waited for the writer during a jump');
    // A hold starts when the writer executes it, which may be before the jump or after it.
    const heldBefore = answers.filter(({ body }) => expiryIn(body) < now + DAY_MS).length;
    await run.expectLogged(1);

    // A slow machine may have refilled the quota: spend it again.
    await run.expectLimited(open.id, CUSTOMER_PURCHASES_MAX * 2, 'who asks too often, after a jump,');
    run.jumpTo(2 * DAY_MS + HOUR_MS);
    await run.expectLimited(open.id, CUSTOMER_PURCHASES_MAX - 1, 'who asks too often, after another jump,');
    // At least the holds from before: the holders', the first eager one, and the queued ones.
    await run.expectNoneDue(HOLDS + 1 + heldBefore, 'after a jump by two days');
    run.expectAnswer(await tryToBuy(run.server, tomorrow.id, 'on-time'), 201, 'a buyer two days later');
    await run.expectPhase('tomorrow', 'live', 'two days later');
    const [first] = held;
    if (first) {
      const old = await deliver(run.server, paymentBy(run, first, 0));
      run.expect(old?.status === 401, `a webhook of two days ago was answered ${old?.status}`);
      const fresh = await deliver(run.server, paymentBy(run, first, run.aheadMs));
      run.expect(fresh?.status === 200, `a webhook by the same clock was answered ${fresh?.status}`);
    }
    await run.expectLogged(1);
    const released = run.read("select 1 from orders where status = 'released'").length;
    run.cases += 1;

    run.jumpTo(-HOUR_MS);
    await run.expectPhase('tomorrow', 'scheduled', 'when the clock was set back');
    run.expectAnswer(
      await tryToBuy(run.server, tomorrow.id, 'early-again'),
      'not_started',
      'an early buyer, when the clock was set back,',
    );
    run.expectAnswer(
      await tryToBuy(run.server, open.id, 'an-hour-ago'),
      'not_started',
      'a buyer an hour before a drop of a minute ago',
    );
    await run.expectLogged(2);
    await run.expectReleased(released, 'after the clock was set back');
    await run.expectSense();
    await run.stop();
    run.audit();
    // The real time again, with everything that the file recorded two days ahead.
    await run.start();
    run.expectAnswer(
      await tryToBuy(run.server, open.id, 'at-last'),
      201,
      'a buyer by a clock that is right again',
    );
    await run.expectSense();
    await run.stop();
    run.audit();
    run.cases += 1;
    return undefined;
  });
};

/** An hour back during holds: they expire when the clock says so, and once. */
export const jumpBackDuringHold = (runtime: MachineRuntime): Promise<CaseResult> => {
  const run = new ClockRun(runtime, 1);
  return runCase('the clock is set back during a hold', run, async () => {
    await run.startMovable();
    const open = await run.openDrop('open', Date.now() - 2 * HOUR_MS, HOLD_SECONDS);
    for (let index = 0; index < HOLDS; index += 1) await buy(run.server, open.id, `holder-${index}`);
    run.jumpTo(-HOUR_MS);
    await buy(run.server, open.id, 'meanwhile');
    run.jumpTo(-HOUR_MS + HOLD_MS);
    // The same sweep would have expired the others too.
    await run.expectReleased(1, 'ten minutes later by the clock that is behind');
    run.jumpTo(HOLD_MS);
    await run.expectReleased(HOLDS + 1, 'ten minutes later by the clock that is right again');
    await run.expectSense();
    await run.stop();
    run.audit();
    return undefined;
  });
};
