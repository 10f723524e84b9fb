/** Kills a server while it migrates, sends refunds, receives webhooks, or streams an export. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Purchase } from '../../support/shapes.ts';
import { paymentEvent, signedWebhook } from '../../support/signed-webhook.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import { type CaseResult, runCase } from '../run-case.ts';
import { patchedRoot } from './places.ts';
import { buy, deliver, pay } from './single-buyer.ts';

const FEW = 6;

/** A start dies before the N-th statement of its migrations; the next one completes the file. */
export const killMigration = (runtime: MachineRuntime, statement: number): Promise<CaseResult> =>
  runCase(`killed at statement ${statement} of a migration`, new FaultRun(runtime, 1), async (run) => {
    const fault = { place: 'a statement of a migration', passage: statement, act: 'kill' } as const;
    const { signal, output } = await run.startExpectingFailure({ fault });
    run.expect(signal === 'SIGKILL', `the migration was not killed: ${output.slice(-300)}`);
    await run.open();
    run.judge();
    await run.stop();
    return undefined;
  });

export const refundPlaces = [
  'a refund is begun',
  'the provider has answered',
  'a refund is finished',
] as const;

/** Refunds requested by an operator are sent once each, and every retry is marked as one. */
export const killRefunds = (runtime: MachineRuntime, place: string): Promise<CaseResult> =>
  runCase(`killed when ${place}`, new FaultRun(runtime, 1), async (run) => {
    await run.open();
    const dropId = run.drops.offers[0]?.dropId ?? '';
    const purchases: Purchase[] = [];
    for (let index = 0; index < FEW; index += 1) {
      const purchase = await buy(run.server, dropId, `refunded-${index}`);
      await pay(run.server, purchase);
      purchases.push(purchase);
    }
    const books = join(run.folder, 'refunds.jsonl');
    await run.exchangeForFaulty({ place, act: 'kill', passage: 2 }, { REFUND_BOOKS: books });
    const askForRefunds = (): Promise<unknown> =>
      Promise.all(
        purchases.map(({ order }) =>
          run.operate(`/admin/orders/${order.id}/refund`, { method: 'POST', body: '{}' }).catch(() => null),
        ),
      );
    await askForRefunds();
    await run.expectKilled(`when ${place}`);
    await run.start({ root: patchedRoot(), env: { REFUND_BOOKS: books } });
    // Requests without an answer are retried; a refund in progress is refused.
    await askForRefunds();
    const refunded = (): number => run.read("select 1 from orders where status = 'refunded'").length;
    await run.until(
      () => refunded() === FEW,
      () => `${refunded()} of ${FEW} orders are refunded`,
    );
    run.expect(run.read('select 1 from refunds').length === FEW, 'there is another number of refunds');
    const asked = (existsSync(books) ? readFileSync(books, 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { key: string; isRepeated: boolean });
    const known = new Set<string>();
    for (const { key, isRepeated } of asked) {
      // If the first attempt died before this place, the second one counts as a retry here.
      run.expect(isRepeated || !known.has(key), `${key} was asked twice as if for the first time`);
      known.add(key);
    }
    run.expect(known.size === FEW, `the provider was asked under ${known.size} keys for ${FEW} refunds`);
    run.audit();
    await run.stop();
    return undefined;
  });

export const webhookPlaces = ['before COMMIT', 'after COMMIT', 'the answer is on the HTTP side'] as const;

/** A provider without an answer resends its webhook: each payment is recorded once. */
export const killWebhooks = (runtime: MachineRuntime, place: string): Promise<CaseResult> =>
  runCase(`a webhook killed at "${place}"`, new FaultRun(runtime, 1), async (run) => {
    await run.open();
    const dropId = run.drops.offers[0]?.dropId ?? '';
    const webhooks = [];
    for (let index = 0; index < FEW; index += 1) {
      const purchase = await buy(run.server, dropId, `payer-${index}`);
      webhooks.push(signedWebhook(run.server.secretKey, paymentEvent(purchase), { id: `evt_${index}` }));
    }
    await run.exchangeForFaulty({ place, act: 'kill', passage: FEW / 2 });
    const unheard: typeof webhooks = [];
    for (const webhook of webhooks) {
      const answer = await deliver(run.server, webhook);
      if (answer?.status !== 200) unheard.push(webhook);
    }
    await run.expectKilled(`at "${place}"`);
    run.expect(unheard.length > 0 && unheard.length < FEW, `${unheard.length} of ${FEW} were not answered`);
    await run.start();
    // As a provider does: an answered webhook is never resent, and must be recorded.
    for (const webhook of unheard) {
      const answer = await deliver(run.server, webhook);
      run.expect(answer?.status === 200, `a webhook that comes again is answered ${answer?.status}`);
    }
    const paid = run.read("select 1 from orders where status = 'paid'").length;
    const payments = run.read('select 1 from payments').length;
    run.expect(paid === FEW && payments === FEW, `${paid} paid orders and ${payments} payments of ${FEW}`);
    run.audit();
    await run.stop();
    return undefined;
  });

/** More than an export reads at once. */
const EXPORTED = 450;

/** An interrupted download is incomplete; the next one is complete. */
export const killExport = (runtime: MachineRuntime): Promise<CaseResult> =>
  runCase('killed while an export streams', new FaultRun(runtime, 1), async (run) => {
    await run.open();
    const dropId = run.drops.offers[0]?.dropId ?? '';
    const orders = (): number =>
      run.read("select 1 from orders where drop_id = (select id from drops where slug = 'plenty')").length;
    const crowd = run.letIn();
    await run.until(
      () => orders() >= EXPORTED,
      () => `there are only ${orders()} orders to export`,
    );
    await crowd.end();
    await run.exchangeForFaulty({ place: 'an export streams', act: 'kill', passage: 2 });
    const csv = `/admin/drops/${dropId}/orders.csv`;
    const whole = await run
      .operate(csv)
      .then((answer) => answer.text())
      .catch(() => null);
    run.expect(whole === null, 'a download that died looked like a whole one');
    await run.expectKilled('while an export streamed');
    await run.recover();
    const lines = (await (await run.operate(csv)).text()).trimEnd().split('\r\n').length;
    run.expect(lines === orders() + 1, `the next export has ${lines - 1} orders of ${orders()}`);
    await run.stop();
    return undefined;
  });
