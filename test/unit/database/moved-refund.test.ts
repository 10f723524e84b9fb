/** A refund moves with its drop: paid once, under the provider's key; what is not final stays. */
import { describe, expect, test } from 'vitest';
import { sendRefunds } from '../../../src/background/refund-sender.ts';
import { moneyReads } from '../../../src/database/money-reads.ts';
import { exportDrop } from '../../../src/database/move/export-drop.ts';
import { importDrop } from '../../../src/database/move/import-drop.ts';
import { rowsOf } from '../../../src/database/sqlite/file-rows.ts';
import type { OwnDatabase } from '../../../src/database/sqlite/open-database.ts';
import { MACHINE, shardIdOf } from '../../../src/domain/shard.ts';
import { createIds } from '../../../src/ids/ids.ts';
import type { PaymentProvider, RefundRequest } from '../../../src/payments/provider.ts';
import { recordMovementOf } from '../../../src/payments/record-movement.ts';
import { openWriter } from '../../../src/split/connection.ts';
import { createDrop, minuteMs, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { migratedFile, ScratchStore, settingsFor } from '../../support/scratch-store.ts';
import { anyRow, sign } from '../../support/signed-drop-file.ts';
import { openThreadedStore } from '../../support/threaded-store.ts';

const edge = shardIdOf(1);
const idsAt = (shardId: number) => createIds('a-secret-of-thirty-two-characters', shardId);
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const pause = { kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } } as const;

/** Accepts every refund, and answers none of the first ones; `made` lists the refunds. */
class Bank {
  readonly made: RefundRequest[] = [];
  answers = false;

  readonly provider: Pick<PaymentProvider, 'name' | 'refund'> = {
    name: 'sandbox',
    refund: async (request) => {
      const known = this.made.some(({ id }) => id === request.id);
      if (!known) this.made.push(request);
      return this.answers
        ? { kind: 'sent', reference: 're_1' }
        : { kind: 'rejected', code: 'no_answer', isKeySpent: false };
    },
  };
}

async function sendAt(shardId: number, store: OwnDatabase, bank: Bank): Promise<void> {
  const clock = new FakeClock(Date.now());
  const providers = new Map([['sandbox', bank.provider as PaymentProvider]]);
  const sender = sendRefunds({ db: store, ids: idsAt(shardId), providers, clock, log, random: Math.random });
  clock.advance(minuteMs);
  await sender.stop();
}

/** Exports the only drop of a file with shard `from` into a file of the shard `to`. */
function moveFile(file: string, from: number, to: number): string {
  const source = openWriter(settingsFor(file));
  const text = [...exportDrop(rowsOf(source), 1, from, Date.now(), sign)].join('');
  source.close();
  const target = migratedFile();
  const connection = openWriter(settingsFor(target));
  importDrop(
    text,
    to,
    anyRow,
    {
      insert(table, columns, values) {
        const parameters = columns.map(() => '?').join(', ');
        connection
          .prepare(`insert into ${table} ("${columns.join('", "')}") values (${parameters})`)
          .run(...values);
      },
    },
    rowsOf(connection),
  );
  connection.close();
  return target;
}

const failedOf = (store: OwnDatabase) => moneyReads(store).refunds('failed', Number.MAX_SAFE_INTEGER, 10);

test('a refund that failed before a move and is retried after it is paid once under the same key, also after a move back', async () => {
  const bank = new Bank();
  let file = migratedFile();
  let store = await openThreadedStore(file);
  await store.submit(createDrop({ startsAt: 0 }));
  const { id } = placed(await store.submit(placeHold('ann')));
  for (const eventId of ['one', 'two']) await store.submit(recordPayment(id, { eventId }));
  await sendAt(MACHINE, store, bank);
  await store.submit(pause);

  for (const [from, to] of [
    [MACHINE, edge],
    [edge, MACHINE],
    [MACHINE, edge],
  ] as const) {
    expect(failedOf(store)).toHaveLength(1);
    await store.close(2_000);
    file = moveFile(file, from, to);
    store = await openThreadedStore(file);
    const [failed] = failedOf(store);
    await store.submit({ kind: 'retryRefund', actor: 'operator', refundId: failed?.id ?? 0 });
    await sendAt(to, store, bank);
  }
  expect(bank.made).toHaveLength(1);

  // The provider's reports find it here, and no refund of another shard with the same number does.
  const [{ id: key = '' } = {}] = bank.made;
  const report = { kind: 'refund', paymentReference: null, reference: 're_1', status: 'sent' } as const;
  const reported = { ...report, error: null, amount: 1250, currency: 'EUR', happenedAt: noon };
  const [{ id: refundId = 0 } = {}] = failedOf(store);
  const foreign = idsAt(edge).refundKey({ refundId, keyShardId: null });
  const record = (name: string) =>
    store.submit(recordMovementOf({ ...reported, refundId: name }, 'sandbox', idsAt(edge), false));
  expect(await record(foreign)).toEqual({ kind: 'payment_unknown' });
  expect(await record(key)).toEqual({ kind: 'movement_recorded', effect: 'refund' });
  await store.close(2_000);
});

describe('a move is refused with', () => {
  const refused = (store: ScratchStore): string => {
    try {
      return [...exportDrop(rowsOf(store.reader), 1, MACHINE, noon, sign)].join('');
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };

  test('an open hold, until it is released', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    placed(store.run(placeHold('ann'), noon));
    store.run(pause, noon);
    expect(refused(store)).toMatch(/^The drop has open work\. 1 open hold: wait until each is paid, /);
    store.run({ kind: 'releaseDue', orders: 10 }, noon + 60 * minuteMs);
    expect(refused(store)).toContain('"stampede drop"');
  });

  test('an open checkout, until its provider has ended it', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    const { id: orderId } = placed(store.run(placeHold('ann'), noon));
    const expiresAt = noon + minuteMs;
    const checkout = { orderId, provider: 'stripe', reference: 'cs_1', url: 'https://checkout.stripe.com/1' };
    store.run({ kind: 'recordCheckout', ...checkout, expiresAt }, noon);
    store.run(recordPayment(orderId), noon);
    store.run(pause, noon);
    expect(refused(store)).toMatch(/1 open checkout: wait until the provider ends them/);
    const [{ id: checkoutId } = { id: 0 }] = store.rows<{ id: number }>('select id from checkouts');
    store.run({ kind: 'closeCheckout', checkoutId }, noon);
    expect(refused(store)).toContain('"stampede drop"');
  });

  test('pending refunds, until each is sent or has failed', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    const { id } = placed(store.run(placeHold('ann'), noon));
    for (const eventId of ['one', 'two', 'three']) store.run(recordPayment(id, { eventId }), noon);
    store.run(pause, noon);
    expect(refused(store)).toMatch(/2 pending refunds: wait until each is sent or has failed/);
  });
});
