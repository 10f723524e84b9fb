/** The commands of the writer's warm-up: a drop that never opens, and buyers that do not exist. */
import type { CreateDrop, PlaceHold } from '../../domain/command.ts';
import { storedKeyPrefix } from '../../domain/stored-key.ts';

/** A slug with capitals belongs to no drop: requests may not have them. */
export const warmUpDrop = (now: number, units: number): CreateDrop => ({
  kind: 'createDrop',
  actor: 'operator',
  drop: {
    slug: 'LOAD_TEST',
    title: 'LoadTest',
    description: '',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: 1,
    startsAt: now,
    endsAt: null,
    holdSeconds: 60,
    published: true,
    items: [{ sku: 'M', name: 'Medium', price: 100, stock: units }],
  },
});

export const warmUpHold = (itemId: number, buyer: number): PlaceHold => ({
  kind: 'placeHold',
  itemId,
  quantity: 1,
  customer: `warm-up-${buyer}`,
  customerPhone: null,
  idempotencyKey: `${storedKeyPrefix}warm-up-${buyer}`,
  plainKey: `warm-up-${buyer}`,
  fingerprint: 'warm-up',
  contact: { email: 'nobody@example.com', name: null, phone: null, address: null },
});
