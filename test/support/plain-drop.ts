/** A published drop of one item, as the snapshot and the catalogue store it. */
import type { Drop } from '../../src/domain/drop.ts';

export const plainDrop: Drop = {
  id: 1,
  slug: 'one',
  title: 'One',
  description: '',
  imageUrl: null,
  currency: 'EUR',
  perCustomer: null,
  startsAt: 0,
  endsAt: null,
  holdSeconds: 60,
  published: true,
  paused: false,
  createdAt: 0,
  items: [{ id: 1, sku: 'one', name: 'One', price: 1, stock: 1_000, held: 0, sold: 0 }],
};
