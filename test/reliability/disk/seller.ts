/**
 * A process that sells from a drop through the real store, with all its threads, and records what
 * was acknowledged.
 */
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OwnDatabase, openShopDatabase } from '../../../src/database/sqlite/open-database.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { createDrop, placeHold, recordPayment } from '../../support/commands.ts';
import { pick, type Random, seededRandom, wholeBetween } from '../random.ts';
import { type Mark, textOf } from './sold.ts';

const [databaseFile = '', synchronous = 'FULL', seed = '1', rounds = '20'] = process.argv.slice(2);
const closeDeadlineMs = 5_000;
/** Longer than the idle writer waits before it checkpoints the WAL. */
const restMs = { min: 90, max: 260 };
const restShare = 0.3;

const open = (): Promise<OwnDatabase> =>
  openShopDatabase(
    {
      connection: {
        file: databaseFile,
        busyTimeoutMs: 1_000,
        synchronous: synchronous === 'NORMAL' ? 'NORMAL' : 'FULL',
      },
      queue: { queueMax: 1_000, deadlineMs: 5_000, batchMax: 100 },
      readersMax: 2,
      warmUpHolds: 0,
      backups: { folder: '/nowhere', keep: 1 },
      secretKey: 'a key',
    },
    { dropId: String, drop: (drop: unknown) => drop },
    systemClock,
    // Immediately, as a power failure or the OOM killer would: a graceful end would leave less to
    // find.
    () => process.kill(process.pid, 'SIGKILL'),
  );

const marks = openSync(`${databaseFile}-marks`, 'a');
const mark = (reported: Mark): void => void writeSync(marks, textOf(reported));

/** An order that can still change. */
interface Open {
  orderId: number;
  key: string;
  isPaid: boolean;
}

async function buy(store: OwnDatabase, itemId: number, name: string, orders: Open[]): Promise<void> {
  const key = `key of ${name}`;
  const outcome = await store.submit(placeHold(name, { itemId, idempotencyKey: key }));
  if (outcome.kind === 'disk_full') mark({ orderId: 0, key, reported: 'refused' });
  if (outcome.kind !== 'held') return;
  const orderId = outcome.order.id;
  mark({ orderId, key, reported: 'held' });
  orders.push({ orderId, key, isPaid: false });
}

async function pay(store: OwnDatabase, order: Open): Promise<void> {
  const outcome = await store.submit(recordPayment(order.orderId));
  if (outcome.kind !== 'payment_recorded' || outcome.effect !== 'paid') return;
  order.isPaid = true;
  mark({ ...order, reported: 'paid' });
}

async function cancel(store: OwnDatabase, { orderId, key }: Open): Promise<void> {
  const outcome = await store.submit({ kind: 'cancelOrder', orderId });
  if (outcome.kind === 'cancelled') mark({ orderId, key, reported: 'cancelled' });
}

async function giveBack(store: OwnDatabase, { orderId, key }: Open): Promise<void> {
  const begun = await store.submit({ kind: 'refundOrder', actor: 'operator', orderId, restock: true });
  if (begun.kind === 'done') mark({ orderId, key, reported: 'refunding' });
}

/** One change of an order; refunded and cancelled ones are final. */
function goOn(store: OwnDatabase, random: Random, orders: Open[]): Promise<void> {
  const order = pick(random, orders);
  if (!order.isPaid && random() < 0.7) return pay(store, order);
  orders.splice(orders.indexOf(order), 1);
  return order.isPaid ? giveBack(store, order) : cancel(store, order);
}

const random = seededRandom(Number(seed));
const store = await open();
const made = await store.submit(
  createDrop({
    startsAt: 0,
    // Holds of a second expire during the run.
    holdSeconds: wholeBetween(random, 1, 600),
    items: [{ sku: 'one', name: 'One size', price: 1250, stock: 60 }],
  }),
);
// Where the drop exists already, this is the second process on the file.
const itemId = made.kind === 'drop_saved' ? (made.drop.items[0]?.id ?? 0) : 1;
const orders: Open[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const names = Array.from(
    { length: wholeBetween(random, 1, 5) },
    (_, index) => `buyer ${seed}.${round}.${index}`,
  );
  const work = names.map((name) => buy(store, itemId, name, orders));
  for (let acts = wholeBetween(random, 0, 2); acts > 0 && orders.length > 0; acts -= 1) {
    work.push(goOn(store, random, orders));
  }
  work.push(store.submit({ kind: 'releaseDue', orders: 10 }).then(() => undefined));
  await Promise.all(work);
  if (random() < restShare) await sleep(wholeBetween(random, restMs.min, restMs.max));
}
await store.close(closeDeadlineMs);
process.exit(0);
