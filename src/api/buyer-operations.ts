/** Buyer, payment-provider and health routes of the published OpenAPI document. */
import * as v from 'valibot';
import { dropPhases } from '../domain/drop.ts';
import * as answers from '../http/answers.ts';
import { findBody } from '../http/find-orders.ts';
import * as health from '../http/health-answers.ts';
import { publicOperations } from '../http/operation.ts';
import { purchaseBody } from '../http/purchase.ts';
import { payBody } from '../http/sandbox-pay.ts';
import { idempotencyKey } from '../http/schema.ts';

const phase = v.picklist(dropPhases.filter((name) => name !== 'draft'));
const notModified = { status: 304, description: 'Not modified: the ETag matches If-None-Match.' } as const;
const header = (meaning: string) => v.pipe(v.string(), v.description(meaning));
const etag = {
  'If-None-Match': header('ETag of an earlier answer. The server answers 304 if nothing has changed.'),
};

export const buyerOperations = publicOperations([
  {
    id: 'listDrops',
    method: 'get',
    path: '/drops',
    tag: 'Drops',
    summary: 'List published drops',
    description: 'On Workers, omits drops that ended more than 30 days ago; their own pages remain.',
    access: 'public',
    query: v.object({ phase: v.optional(phase) }),
    headers: etag,
    answers: [{ status: 200, description: 'The drops.', schema: answers.dropList }, notModified],
    refusals: [],
  },
  {
    id: 'getDrop',
    method: 'get',
    path: '/drops/:id',
    tag: 'Drops',
    summary: 'Get a drop by id or slug',
    access: 'public',
    headers: etag,
    answers: [{ status: 200, description: 'The drop.', schema: answers.drop }, notModified],
    refusals: ['not_found', 'rate_limited'],
  },
  {
    id: 'watchStock',
    method: 'get',
    path: '/drops/:id/stock',
    tag: 'Drops',
    summary: 'Stream the stock and its changes as Server-Sent Events',
    description:
      'Each `stock` event carries a Stock as its data. Its id is the number of the last log event that it includes, with the phase of the drop (`1042-live`). The server sends at most ten events a second, and a comment every few seconds to keep the connection open. The stream ends with the drop.',
    access: 'public',
    headers: { 'Last-Event-ID': header('Id of the last event received. The stream continues after it.') },
    answers: [{ status: 200, description: 'A stream of events.', type: 'text/event-stream' }],
    refusals: ['not_found', 'overloaded', 'rate_limited'],
  },
  {
    id: 'purchase',
    method: 'post',
    path: '/purchase',
    tag: 'Purchases',
    summary: 'Place a hold on units of an item',
    description:
      'The hold is on disk before the answer is sent. It awaits payment until `payment.expiresAt`; the time is halved if earlier holds were not paid. Send a new Idempotency-Key (a UUID) with each purchase and the same one with each retry: a retry never creates a second order, and gets the same answer, token included, with `Idempotency-Replayed: true`. A key belongs to one customer and one body. Keep it secret: it gives access to the order. Without a key every request is a new purchase.',
    access: 'public',
    headers: {
      'Idempotency-Key': idempotencyKey,
    },
    body: {
      schema: purchaseBody,
      example: {
        dropId: 'summer-sneaker',
        sku: 'eu-42',
        quantity: 1,
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
  {
    id: 'getOrder',
    method: 'get',
    path: '/orders/:id',
    tag: 'Purchases',
    summary: 'Get an order with its payments and refunds',
    access: 'order token',
    answers: [{ status: 200, description: 'The order.', schema: answers.orderAnswer }],
    refusals: ['not_found'],
    isLimited: true,
  },
  {
    id: 'openFindPage',
    method: 'get',
    path: '/orders/find',
    tag: 'Purchases',
    summary: 'Show the page where buyers request lost links',
    access: 'public',
    answers: [{ status: 200, description: 'A page, with a form if mail is configured.', type: 'text/html' }],
    refusals: [],
    isLimited: true,
  },
  {
    id: 'findOrders',
    method: 'post',
    path: '/orders/find',
    tag: 'Purchases',
    summary: 'Send the links of all orders of an e-mail address to that address',
    description:
      'The answer is the same for every address. Nothing is sent if mail is not configured, to an address without orders, or more than three times an hour. A form post is answered with 303, a form post from another site with 403.',
    access: 'public',
    body: { schema: findBody, example: { email: 'ada@example.com' } },
    answers: [
      { status: 202, description: 'Accepted.', schema: answers.findAnswer },
      { status: 303, description: 'Redirect to the page after a form post.' },
    ],
    refusals: ['forbidden'],
    isLimited: true,
  },
  {
    id: 'cancelOrder',
    method: 'post',
    path: '/orders/:id/cancel',
    tag: 'Purchases',
    summary: 'Cancel an unpaid order',
    access: 'order token',
    answers: [{ status: 200, description: 'The order, released.', schema: answers.orderAnswer }],
    refusals: ['not_found', 'already_paid'],
    writes: true,
    isLimited: true,
  },
  {
    id: 'openPayPage',
    method: 'get',
    path: '/pay/:id',
    tag: 'Payments',
    summary: 'Open the payment page (`payment.url`), which leads to the provider’s checkout',
    access: 'public',
    answers: [
      {
        status: 200,
        description: 'A page with the choice of providers, or with the state of the order.',
        type: 'text/html',
      },
      { status: 303, description: 'Redirect to the provider’s checkout.' },
      {
        status: 410,
        description: 'A page: the order is already paid, or its hold has ended.',
        type: 'text/html',
      },
      { status: 503, description: 'A page: the provider is unavailable.', type: 'text/html' },
    ],
    refusals: ['not_found', 'no_provider'],
    isLimited: true,
  },
  {
    id: 'playSandbox',
    method: 'post',
    path: '/pay/:id',
    tag: 'Payments',
    summary: 'Simulate a payment (only if the sandbox is enabled)',
    description:
      'Sends the signed webhook of a payment. A form post is answered with 303 to the order’s page.',
    access: 'public',
    body: { schema: payBody, example: { outcome: 'paid' } },
    answers: [
      { status: 200, description: 'The webhook was sent.', schema: answers.sandboxAnswer },
      { status: 303, description: 'Redirect to the order’s page after a form post.' },
    ],
    refusals: ['forbidden', 'not_found'],
    writes: true,
    isLimited: true,
  },
  {
    id: 'receiveWebhook',
    method: 'post',
    path: '/payments/:id/webhook',
    tag: 'Payments',
    summary: 'Receive a signed payment-provider webhook',
    description: 'Answered with 200 once it is on disk. A duplicate gets the same answer and has no effect.',
    access: 'provider',
    body: { schema: v.looseObject({}), isRaw: true },
    answers: [{ status: 200, description: 'The webhook is on disk.', schema: answers.webhookAnswer }],
    refusals: ['not_found', 'bad_signature', 'malformed', 'too_large', 'unsupported_media_type'],
    writes: true,
  },
  {
    id: 'isAlive',
    method: 'get',
    path: '/livez',
    tag: 'Health',
    summary: 'Liveness check',
    access: 'public',
    answers: [{ status: 200, description: 'The process is running.', schema: health.live }],
    refusals: [],
  },
  {
    id: 'isReady',
    method: 'get',
    path: '/readyz',
    tag: 'Health',
    summary: 'Readiness check',
    access: 'public',
    answers: [
      { status: 200, description: 'The server takes orders.', schema: health.ready },
      { status: 503, description: 'The server does not take orders.', schema: health.ready },
    ],
    refusals: [],
  },
  {
    id: 'getVersion',
    method: 'get',
    path: '/version',
    tag: 'Health',
    summary: 'Get the server’s version and runtime',
    access: 'public',
    answers: [{ status: 200, description: 'Version and runtime.', schema: health.versionAnswer }],
    refusals: [],
  },
  {
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Health',
    summary: 'Get metrics in the Prometheus text format',
    access: 'public',
    answers: [{ status: 200, description: 'The metrics.', type: 'text/plain' }],
    refusals: [],
  },
]);
