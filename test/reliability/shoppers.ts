/** A crowd that buys, cancels and pays without a pause, by choices that a seed repeats. */

import type { PurchaseInvoked } from '../../src/crowd/ledger.ts';
import { keyOf } from '../support/key-of.ts';
import type { Order } from '../support/shapes.ts';
import { pick, type Random, wholeBetween } from './random.ts';
import type { ShopClient } from './shop-client.ts';

/** A drop as shoppers see it. */
export interface Offer {
  dropId: string;
  sku: string;
  /** A new customer per purchase, or one of a few returning ones. */
  customers: 'own' | { shared: number };
}

/** State that outlives one load. */
export interface Memory {
  nextCustomer: number;
  /** Index of the first returning customer. */
  sharedFrom: number;
  /** Orders left to expire, oldest first, and paid afterwards. */
  toPayLate: Pick<Order, 'id' | 'holdExpiresAt'>[];
}

const cancelShare = 0.15;
const payShare = 0.3;
/** The share of orders with short holds. */
const payLateShare = 0.4;
const shortHoldMs = 5_000;
/** Below 1, so that a customer may have bought again before the late payment. */
const payLateEagerness = 0.3;
/** By then an expired hold was swept. */
const lateMs = 500;

export interface Shoppers {
  /** Resolves with the first answer: a server that has just started is slow at first. */
  begun: Promise<void>;
  /** Resolves after `count` answers; may be called once. */
  answered(count: number): Promise<void>;
  /** Stops new calls. */
  stop(): void;
  /** Resolves once every shopper has an answer or has timed out. */
  done: Promise<unknown>;
}

export interface Crowd {
  offers: readonly Offer[];
  memory: Memory;
  /** Concurrent shoppers. */
  count: number;
  /** The prefix of every key, unique to this load. */
  keyPrefix: string;
}

export function startShoppers(client: ShopClient, crowd: Crowd, random: Random): Shoppers {
  const { offers, memory, count, keyPrefix } = crowd;
  let isStopped = false;
  let calls = 0;
  const nextKey = (): string => keyOf(`${keyPrefix}-${++calls}`);

  const choose = (): PurchaseInvoked => {
    const { dropId, sku, customers } = pick(random, offers);
    const customer =
      customers === 'own'
        ? memory.nextCustomer++
        : memory.sharedFrom + wholeBetween(random, 0, customers.shared - 1);
    return { call: 'purchase', key: nextKey(), dropId, sku, quantity: wholeBetween(random, 1, 2), customer };
  };

  const payLate = async (): Promise<void> => {
    const [oldest] = memory.toPayLate;
    if (!oldest || Date.parse(oldest.holdExpiresAt) + lateMs > Date.now()) return;
    memory.toPayLate.shift();
    await client.call({ call: 'pay', key: nextKey(), orderId: oldest.id });
  };

  const followUp = async (order: Order): Promise<void> => {
    const orderId = order.id;
    const dice = random();
    if (dice < cancelShare) await client.call({ call: 'cancel', key: nextKey(), orderId });
    else if (dice < cancelShare + payShare) await client.call({ call: 'pay', key: nextKey(), orderId });
    else if (dice < cancelShare + payShare + payLateShare) {
      if (Date.parse(order.holdExpiresAt) - Date.now() < shortHoldMs) memory.toPayLate.push(order);
    }
  };

  const begun = Promise.withResolvers<void>();
  const enough = Promise.withResolvers<void>();
  let answers = 0;
  let wanted = Number.POSITIVE_INFINITY;
  const receive = (): void => {
    answers += 1;
    begun.resolve();
    if (answers >= wanted) enough.resolve();
  };

  const shop = async (): Promise<void> => {
    while (!isStopped) {
      const verdict = await client.call(choose());
      receive();
      if (isStopped) return;
      if (verdict.kind === 'ok') await followUp((JSON.parse(verdict.body) as { order: Order }).order);
      if (isStopped) return;
      if (random() < payLateEagerness) await payLate();
    }
  };

  return {
    begun: begun.promise,
    answered: (count) => {
      wanted = count;
      if (answers >= wanted) enough.resolve();
      return enough.promise;
    },
    stop: () => {
      isStopped = true;
    },
    done: Promise.all(Array.from({ length: count }, shop)),
  };
}
