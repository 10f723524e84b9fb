/** The commands of the writer's warm-up: an invented drop, and buyers that do not exist. */
import type { CreateDrop, PlaceHold } from '../../domain/command.ts';
import { storedKeyPrefix } from '../../domain/stored-key.ts';

/** The terms of the drops that a warm-up sells. */
export const warmUpTerms = {
  // No real drop has a slug with capitals, because requests must not contain any.
  slug: 'WARM_UP',
  title: 'Warm-up',
  description: '',
  imageUrl: null,
  currency: 'EUR',
  perCustomer: 1,
  endsAt: null,
  holdSeconds: 600,
  published: true,
} as const;

export const warmUpDrop = (now: number, units: number): CreateDrop => ({
  kind: 'createDrop',
  actor: 'operator',
  drop: {
    ...warmUpTerms,
    startsAt: now,
    items: [{ sku: 'M', name: 'Medium', price: 100, stock: units }],
  },
});

export const warmUpHold = (itemId: number, buyer: number): PlaceHold => ({
  kind: 'placeHold',
  items: [{ itemId, quantity: 1 }],
  customer: `warm-up-${buyer}`,
  customerPhone: null,
  idempotencyKey: `${storedKeyPrefix}warm-up-${buyer}`,
  plainKey: `warm-up-${buyer}`,
  fingerprint: 'warm-up',
  contact: { email: 'nobody@example.com', name: null, phone: null, address: null },
});
