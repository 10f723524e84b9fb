/** The items of an order with their names, as people and programs are shown them. */
import type { Drop } from './drop.ts';
import type { Order } from './order.ts';

export interface NamedItem {
  sku: string;
  name: string;
  quantity: number;
  /** Minor units for one unit, at the time of the hold. */
  unitPrice: number;
  /** Minor units. */
  total: number;
}

/** `drop` must be the order's own. */
export const namedItems = ({ items }: Pick<Order, 'items'>, drop: Pick<Drop, 'items'>): NamedItem[] =>
  items.map(({ itemId, quantity, unitPrice }) => {
    const item = drop.items.find(({ id }) => id === itemId);
    const { sku = '', name = '' } = item ?? {};
    return { sku, name, quantity, unitPrice, total: unitPrice * quantity };
  });

/** One line for people, such as `EU 42 × 1, EU 43 × 2`. */
export const itemsText = (items: readonly Pick<NamedItem, 'name' | 'quantity'>[]): string =>
  items.map(({ name, quantity }) => `${name} × ${quantity}`).join(', ');
