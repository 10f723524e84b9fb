/** Stampede's promises without a database or a clock: the real committer must answer the same. */
import type { NewDrop, PlaceHold, RecordPayment, WantedItem } from '../../src/domain/command.ts';
import {
  type Order,
  type OrderStatus,
  type ReleaseReason,
  totalOf,
  unitsOf,
} from '../../src/domain/order.ts';
import { eraseCustomer } from './erase-model.ts';
import {
  finishRefund,
  type PaymentEnd,
  type RefundModel,
  recordPayment,
  refundOrder,
} from './payment-model.ts';
import type { ShopCommand } from './steps.ts';

const hasUnits = (status: OrderStatus): boolean => ['held', 'paid', 'fulfilled'].includes(status);

/** Keys count from 1 in the order of creation, as in the database. Only valid edits occur. */
interface OrderModel {
  command: PlaceHold;
  placed: Order;
  status: OrderStatus;
  releaseReason: ReleaseReason | null;
  hasTrackingCode: boolean;
}

const keysBegin = Date.UTC(2026, 10, 1);

/** A time-ordered key in 256ths of a millisecond, or the next one. */
export const newKey = (rows: ReadonlyMap<number, unknown>, now: number): number =>
  Math.max(Math.max(0, ...rows.keys()) + 1, (now - keysBegin) * 256);

export class ShopModel {
  readonly drops = new Map<number, Omit<NewDrop, 'items'> & { paused: boolean }>();
  readonly items = new Map<number, { dropId: number; sku: string; price: number; stock: number }>();
  readonly orders = new Map<number, OrderModel>();
  readonly payments = new Map<string, { command: RecordPayment; end: PaymentEnd; orderId: number | null }>();
  readonly refunds = new Map<number, RefundModel>();

  /** The expected content of the command's outcome. */
  apply(command: ShopCommand, now: number): object {
    switch (command.kind) {
      case 'createDrop': {
        const { items, ...drop } = command.drop;
        if ([...this.drops.values()].some(({ slug }) => slug === drop.slug)) return { kind: 'slug_taken' };
        const dropId = this.drops.size + 1;
        this.drops.set(dropId, { ...drop, paused: false });
        for (const item of items) this.items.set(this.items.size + 1, { dropId, ...item });
        return { kind: 'drop_saved' };
      }
      case 'editDrop':
        Object.assign(this.drops.get(command.dropId) ?? {}, command.edit);
        return { kind: 'drop_saved' };
      case 'restock':
        for (const [itemId, item] of this.items) {
          if (item.dropId !== command.dropId || item.sku !== command.sku) continue;
          if (this.free(itemId) + command.quantity < 0) return { kind: 'stock_below_sold' };
          item.stock += command.quantity;
        }
        return { kind: 'drop_saved' };
      case 'placeHold':
        return this.#placeHold(command, now);
      case 'releaseDue':
        return { kind: 'released_due', orders: this.releaseDue(now, command.orders) };
      case 'recordPayment':
        return recordPayment(this, command, now);
      case 'refundOrder':
        return refundOrder(this, command, now);
      case 'finishRefund':
        return finishRefund(this, command);
      case 'fulfilOrder': {
        const order = this.orders.get(command.orderId);
        if (!order) return { kind: 'order_not_found' };
        if (order.status !== 'paid' && order.status !== 'fulfilled')
          return { kind: 'wrong_status', status: order.status };
        order.status = 'fulfilled';
        order.hasTrackingCode = true;
        return { kind: 'done' };
      }
      case 'eraseCustomer':
        return eraseCustomer(this, command);
      case 'cancelOrder': {
        const order = this.orders.get(command.orderId);
        if (!order) return { kind: 'order_not_found' };
        if (order.status !== 'held' && order.status !== 'released') return { kind: 'already_paid' };
        if (order.status === 'held') order.releaseReason = 'cancelled';
        order.status = 'released';
        const { placed, releaseReason } = order;
        return { kind: 'cancelled', order: { ...placed, status: 'released', releaseReason } };
      }
    }
  }

  /** Units of an item in orders whose status satisfies `counts`. */
  units(itemId: number, counts: (status: OrderStatus) => boolean): number {
    const orders = [...this.orders.values()].filter(({ status }) => counts(status));
    return unitsOf(orders.flatMap(({ placed }) => placed.items.filter((one) => one.itemId === itemId)));
  }

  free(itemId: number): number {
    return (this.items.get(itemId)?.stock ?? 0) - this.units(itemId, hasUnits);
  }

  /** The first item with which a customer, by e-mail or by phone, would exceed the drop's limit. */
  itemBeyondLimit({ customer, customerPhone, items }: PlaceHold, dropId: number): number | null {
    let [byCustomer, byPhone] = [0, 0];
    for (const { command, placed, status } of this.orders.values()) {
      if (placed.dropId !== dropId || !hasUnits(status)) continue;
      if (command.customer === customer) byCustomer += placed.units;
      if (customerPhone !== null && command.customerPhone === customerPhone) byPhone += placed.units;
    }
    let units = Math.max(byCustomer, byPhone);
    for (const { itemId, quantity } of items) {
      units += quantity;
      if (units > (this.drops.get(dropId)?.perCustomer ?? Number.POSITIVE_INFINITY)) return itemId;
    }
    return null;
  }

  /**
   * The first item of which too few units are free: after every expired hold of it was released.
   */
  lackingItem(items: readonly WantedItem[], now: number): number | null {
    for (const { itemId, quantity } of items) {
      if (this.free(itemId) < quantity) this.releaseDue(now, Number.POSITIVE_INFINITY, itemId);
      if (this.free(itemId) < quantity) return itemId;
    }
    return null;
  }

  #placeHold(command: PlaceHold, now: number): object {
    const { customer, idempotencyKey: key } = command;
    for (const { command: earlier, placed } of this.orders.values()) {
      if (key === null || earlier.idempotencyKey !== key || earlier.customer !== customer) continue;
      if (earlier.fingerprint !== command.fingerprint) return { kind: 'key_reused' };
      return { kind: 'held', order: placed, replayed: true };
    }
    const known = command.items.map(({ itemId }) => this.items.get(itemId));
    const dropId = known[0]?.dropId ?? 0;
    const drop = this.drops.get(dropId);
    if (!drop || known.some((item) => item?.dropId !== dropId)) return { kind: 'drop_not_found' };
    if (drop.endsAt !== null && now >= drop.endsAt) return { kind: 'ended' };
    if (drop.paused) return { kind: 'paused' };
    const beyond = this.itemBeyondLimit(command, dropId);
    if (beyond !== null) return { kind: 'limit_reached', perCustomer: drop.perCustomer, itemId: beyond };
    const lacking = this.lackingItem(command.items, now);
    if (lacking !== null) return { kind: 'sold_out', itemId: lacking };
    const id = newKey(this.orders, now);
    const items = command.items.map((one, index) => ({ ...one, unitPrice: known[index]?.price ?? 0 }));
    const bought = { id, dropId, items, units: unitsOf(items), total: totalOf(items), ...command.contact };
    const times = { createdAt: now, holdExpiresAt: now + drop.holdSeconds * 1000 };
    const placed: Order = {
      ...bought,
      ...times,
      status: 'held',
      trackingCode: null,
      releaseReason: null,
      dispute: null,
    };
    this.orders.set(placed.id, {
      command,
      placed,
      status: 'held',
      releaseReason: null,
      hasTrackingCode: false,
    });
    return { kind: 'held', order: placed, replayed: false };
  }

  /** Releases up to `ordersMax` expired holds, oldest first: of all items, or of one. */
  releaseDue(now: number, ordersMax: number, itemId?: number): number {
    const due = [...this.orders.values()].filter(({ status, placed }) => {
      const isDue = status === 'held' && placed.holdExpiresAt <= now;
      return isDue && (itemId === undefined || placed.items.some((one) => one.itemId === itemId));
    });
    due.sort((a, b) => a.placed.holdExpiresAt - b.placed.holdExpiresAt).splice(ordersMax);
    for (const order of due) Object.assign(order, { status: 'released', releaseReason: 'expired' });
    return due.length;
  }
}
