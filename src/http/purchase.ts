/** POST /purchase: its documentation and its route. */
import * as answers from '../answers/schemas.ts';
import { readJson } from './json.ts';
import { publicOperations } from './operation.ts';
import type { Purchase } from './place-purchase.ts';
import { isPlainPurchase } from './plain-purchase.ts';
import { publicRoutes } from './public-routes.ts';
import { purchaseBody } from './purchase-body.ts';
import { idempotencyKey } from './schema.ts';

export const purchaseOperations = publicOperations([
  {
    id: 'purchase',
    method: 'post',
    path: '/purchase',
    tag: 'Purchases',
    summary: 'Place a hold on units of one item or several',
    description:
      'All units are held, or none. The hold is on disk before the answer is sent. It awaits payment until `payment.expiresAt`; the time is halved if earlier holds were not paid. Send a new Idempotency-Key (a UUID) with each purchase and the same one with each retry: a retry never creates a second order, and gets the same answer, token included, with `Idempotency-Replayed: true`. A key belongs to one customer and one body. Keep it secret: it gives access to the order. Without a key every request is a new purchase.',
    access: 'public',
    headers: {
      'Idempotency-Key': idempotencyKey,
    },
    body: {
      schema: purchaseBody,
      example: {
        dropId: 'summer-sneaker',
        items: [{ sku: 'eu-42', quantity: 1 }],
        customer: { email: 'ada@example.com', name: 'Ada' },
      },
    },
    answers: [
      { status: 201, description: 'The hold, and where to pay for it.', schema: answers.purchaseAnswer },
    ],
    refusals: [
      ...(['not_found', 'not_started', 'ended', 'paused', 'sold_out', 'limit_reached'] as const),
      ...(['key_reused', 'no_provider', 'too_many_unpaid'] as const),
    ],
    writes: true,
    isLimited: true,
  },
]);

export const purchaseRoutes = (purchase: Purchase) =>
  publicRoutes(purchaseOperations, {
    purchase: (c) => purchase(c, () => readJson(c, purchaseBody, isPlainPurchase)),
  });
