/** The column type of an order's items: JSON of [item id, quantity, unit price] for each item. */
import { customType } from 'drizzle-orm/sqlite-core';
import type { OrderItem } from '../src/domain/order.ts';

type Tuple = [itemId: number, quantity: number, unitPrice: number];

/** As the column stores them. One column instead of rows: a hold then writes a single row. */
export const storedItems = (items: readonly OrderItem[]): string =>
  JSON.stringify(items.map(({ itemId, quantity, unitPrice }): Tuple => [itemId, quantity, unitPrice]));

export const orderItems = customType<{ data: readonly OrderItem[]; driverData: string }>({
  dataType: () => 'text',
  toDriver: storedItems,
  fromDriver: (text) =>
    (JSON.parse(text) as Tuple[]).map(([itemId, quantity, unitPrice]) => ({ itemId, quantity, unitPrice })),
});

/**
 * The units of all orders as rows, for SQL that is not Drizzle's. A column that is no JSON has
 * none: an audit must report it.
 */
export const orderItemRows = `(
  select orders.id as order_id, value ->> 0 as item_id, value ->> 1 as quantity, value ->> 2 as unit_price
  from orders, json_each(iif(json_valid(orders.items), orders.items, '[]')))`;
