/** What Stampede promises, without a database, a clock or a thought of speed: the real committer must answer the same. */
import type { DomainCommand, EditDrop, NewDrop, PlaceHold, RecordPayment } from '../../src/domain/command.ts';
import type { Order, OrderStatus } from '../../src/domain/order.ts';

export interface ModelItem {
  dropId: number;
  sku: string;
  price: number;
  stock: number;
}
export interface ModelOrder {
  command: PlaceHold;
  placed: Order;
  status: OrderStatus;
}
export interface ModelPayment {
  command: RecordPayment;
  end: 'settled' | 'refunded' | 'declined';
}
type Expected = { kind: string } & Record<string, unknown>;

const withUnits: readonly OrderStatus[] = ['held', 'paid', 'fulfilled'];

/** Keys are numbered from 1 in the order of creation, as the database does. */
export class ShopModel {
  readonly drops = new Map<number, NewDrop & { paused: boolean }>();
  readonly items = new Map<number, ModelItem>();
  readonly orders = new Map<number, ModelOrder>();
  readonly payments = new Map<string, ModelPayment>();

  /** Units in orders of these statuses that `belongs` accepts. */
  units(belongs: (order: ModelOrder) => boolean, statuses: readonly OrderStatus[] = withUnits): number {
    const counted = [...this.orders.values()].filter((order) => statuses.includes(order.status) && belongs(order));
    return counted.reduce((sum, order) => sum + order.placed.quantity, 0);
  }

  free(itemId: number): number {
    return (this.items.get(itemId)?.stock ?? 0) - this.units(({ placed }) => placed.itemId === itemId);
  }

  /** What the outcome of the command must contain. */
  apply(command: DomainCommand, now: number): Expected {
    switch (command.kind) {
      case 'createDrop':
        return this.#createDrop(command.drop);
      case 'editDrop':
        return this.#editDrop(command);
      case 'restock': {
        const item = [...this.items.values()].find(({ dropId, sku }) => dropId === command.dropId && sku === command.sku);
        if (!this.drops.has(command.dropId)) return { kind: 'drop_not_found' };
        return item ? this.#setStock(item, item.stock + command.quantity) : { kind: 'invalid_edit' };
      }
      case 'placeHold':
        return this.#placeHold(command, now);
      case 'cancelOrder': {
        const order = this.orders.get(command.orderId);
        if (!order) return { kind: 'order_not_found' };
        if (order.status !== 'held' && order.status !== 'released') return { kind: 'already_paid' };
        order.status = 'released';
        return { kind: 'cancelled', order: { ...order.placed, status: 'released' } };
      }
      case 'releaseDue':
        return { kind: 'released_due', orders: this.#releaseDue(now, command.orders) };
      case 'recordPayment':
        return this.#recordPayment(command);
    }
  }

  #createDrop({ items, ...drop }: NewDrop): Expected {
    if ([...this.drops.values()].some(({ slug }) => slug === drop.slug)) return { kind: 'slug_taken' };
    const dropId = this.drops.size + 1;
    this.drops.set(dropId, { ...drop, items, paused: false });
    for (const { sku, price, stock } of items) this.items.set(this.items.size + 1, { dropId, sku, price, stock });
    return { kind: 'drop_saved' };
  }

  #editDrop({ dropId, edit }: EditDrop): Expected {
    const drop = this.drops.get(dropId);
    if (!drop) return { kind: 'drop_not_found' };
    const endsAt = edit.endsAt === undefined ? drop.endsAt : edit.endsAt;
    if (endsAt !== null && endsAt <= drop.startsAt) return { kind: 'invalid_edit' };
    Object.assign(drop, edit);
    return { kind: 'drop_saved' };
  }

  #setStock(item: ModelItem, stock: number): Expected {
    const taken = this.units(({ placed }) => this.items.get(placed.itemId) === item);
    if (stock < taken) return { kind: 'stock_below_sold' };
    item.stock = stock;
    return { kind: 'drop_saved' };
  }

  #isOverLimit(order: Pick<PlaceHold, 'customer' | 'customerPhone' | 'quantity'>, dropId: number): boolean {
    const perCustomer = this.drops.get(dropId)?.perCustomer ?? Number.POSITIVE_INFINITY;
    const has = (key: 'customer' | 'customerPhone'): number =>
      order[key] === null ? 0 : this.units((other) => other.placed.dropId === dropId && other.command[key] === order[key]);
    return Math.max(has('customer'), has('customerPhone')) + order.quantity > perCustomer;
  }

  #placeHold(command: PlaceHold, now: number): Expected {
    const { itemId, quantity, customer, idempotencyKey: key } = command;
    const known = [...this.orders.values()].find(
      (order) => key !== null && order.command.customer === customer && order.command.idempotencyKey === key,
    );
    if (known && known.command.fingerprint !== command.fingerprint) return { kind: 'key_reused' };
    if (known) return { kind: 'held', order: known.placed, replayed: true };

    const item = this.items.get(itemId);
    const drop = item && this.drops.get(item.dropId);
    if (!item || !drop?.published) return { kind: 'drop_not_found' };
    if (drop.endsAt !== null && now >= drop.endsAt) return { kind: 'ended' };
    if (drop.paused) return { kind: 'paused' };
    if (now < drop.startsAt) return { kind: 'not_started' };
    if (this.#isOverLimit(command, item.dropId)) return { kind: 'limit_reached', perCustomer: drop.perCustomer };
    // Sold out is only what stays short after every hold that is over has given its units back.
    if (this.free(itemId) < quantity) this.#releaseDue(now);
    if (this.free(itemId) < quantity) return { kind: 'sold_out' };
    const placed: Order = {
      id: this.orders.size + 1,
      dropId: item.dropId,
      itemId,
      quantity,
      unitPrice: item.price,
      status: 'held',
      createdAt: now,
      holdExpiresAt: now + drop.holdSeconds * 1000,
      ...command.contact,
    };
    this.orders.set(placed.id, { command, placed, status: 'held' });
    return { kind: 'held', order: placed, replayed: false };
  }

  #releaseDue(now: number, ordersMax = Number.POSITIVE_INFINITY): number {
    const due = [...this.orders.values()]
      .filter(({ status, placed }) => status === 'held' && placed.holdExpiresAt <= now)
      .sort((a, b) => a.placed.holdExpiresAt - b.placed.holdExpiresAt)
      .slice(0, ordersMax);
    for (const order of due) order.status = 'released';
    return due.length;
  }

  #recordPayment(command: RecordPayment): Expected {
    if (this.payments.has(command.eventId)) return { kind: 'payment_known' };
    const order = this.orders.get(command.orderId);
    if (!order) return { kind: 'order_not_found' };
    const { itemId, dropId, quantity, unitPrice } = order.placed;
    const end = (): ModelPayment['end'] => {
      if (command.status === 'declined') return 'declined';
      if (command.amount !== unitPrice * quantity) return 'refunded';
      if (command.currency !== this.drops.get(dropId)?.currency) return 'refunded';
      if (order.status !== 'held' && order.status !== 'released') return 'refunded';
      // Late money takes its units anew, if any are free at this moment and the customer has not bought others meanwhile.
      const canTake =
        order.status === 'held' || (!this.#isOverLimit(order.command, dropId) && this.free(itemId) >= quantity);
      order.status = canTake ? 'paid' : 'refunding';
      return canTake ? 'settled' : 'refunded';
    };
    const payment = { command, end: end() };
    this.payments.set(command.eventId, payment);
    const effects = { settled: 'paid', refunded: 'refund_due', declined: 'declined' } as const;
    return { kind: 'payment_recorded', effect: effects[payment.end] };
  }
}
