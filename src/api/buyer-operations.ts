/** The routes of buyers, payment providers and health checks, as the published document tells them. */
import * as v from 'valibot';
import { dropPhases } from '../domain/drop.ts';
import * as answers from '../http/answers.ts';
import { findBody } from '../http/find-orders.ts';
import * as health from '../http/health-answers.ts';
import { purchaseBody } from '../http/purchase.ts';
import { payBody } from '../http/sandbox-pay.ts';
import { idempotencyKey } from '../http/schema.ts';
import { operations } from './operation.ts';

const phase = v.picklist(dropPhases.filter((name) => name !== 'draft'));
const notModified = { status: 304, description: 'It is what If-None-Match says.' } as const;
const header = (meaning: string) => v.pipe(v.string(), v.description(meaning));
const etag = { 'If-None-Match': header('The ETag of an earlier answer: 304 if nothing has changed.') };

export const buyerOperations = operations([
  {
    id: 'listDrops',
    method: 'get',
    path: '/drops',
    tag: 'Drops',
    summary: 'Every drop that may be seen',
    description: 'At the edge, without drops that ended more than 30 days ago: their own pages stay.',
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
    summary: 'One drop, by its id or its slug',
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
    summary: 'The stock as it is, then its changes, as Server-Sent Events',
    description:
      'Each `stock` event carries a Stock as its data, and as its id the number of the last event of the log that it knows of, with the phase of the drop (`1042-live`). At most ten a second; a comment every few seconds keeps the line open; the stream ends with the drop.',
    access: 'public',
    headers: { 'Last-Event-ID': header('The id of the last event received: the stream continues after it.') },
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
      'The hold is on disk before the answer is sent. It awaits payment until `payment.expiresAt`, half as long if earlier holds were not paid. Send a new Idempotency-Key (a UUID) with each purchase and the same one with each retry: a retry never creates a second order, and gets the same answer, token included, with `Idempotency-Replayed: true`. A key belongs to one customer and one body. Keep it secret: it gives access to the order. Without a key every request is a new purchase.',
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
    answers: [{ status: 201, description: 'The hold, and the way to pay.', schema: answers.purchaseAnswer }],
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
    summary: 'An order with its payments and refunds',
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
    summary: 'The page where a buyer asks for lost links',
    access: 'public',
    answers: [{ status: 200, description: 'A page with a form, where mail is set up.', type: 'text/html' }],
    refusals: [],
    isLimited: true,
  },
  {
    id: 'findOrders',
    method: 'post',
    path: '/orders/find',
    tag: 'Purchases',
    summary: 'Mail the links of an address’s orders to that address',
    description:
      'The answer is the same for every address. Nothing is sent if mail is not configured, to an address without orders, or more than three times an hour. A form gets 303; a form of another site gets 403.',
    access: 'public',
    body: { schema: findBody, example: { email: 'ada@example.com' } },
    answers: [
      { status: 202, description: 'Accepted.', schema: answers.findAnswer },
      { status: 303, description: 'To the page, where a form was sent.' },
    ],
    refusals: ['forbidden'],
    isLimited: true,
  },
  {
    id: 'cancelOrder',
    method: 'post',
    path: '/orders/:id/cancel',
    tag: 'Purchases',
    summary: 'Give a hold’s units back',
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
    summary: 'Where `payment.url` leads: the page that opens the provider’s checkout',
    access: 'public',
    answers: [
      {
        status: 200,
        description: 'A page: the choice of providers, or what became of the order.',
        type: 'text/html',
      },
      { status: 303, description: 'On to the provider’s checkout.' },
      { status: 410, description: 'A page: the order is paid for, or its time is over.', type: 'text/html' },
      { status: 503, description: 'A page: the provider can’t be reached now.', type: 'text/html' },
    ],
    refusals: ['not_found', 'no_provider'],
    isLimited: true,
  },
  {
    id: 'playSandbox',
    method: 'post',
    path: '/pay/:id',
    tag: 'Payments',
    summary: 'Play the payment provider (only where the sandbox is on)',
    description: 'Sends the signed webhook of a payment. A form is answered by 303 to the order’s page.',
    access: 'public',
    body: { schema: payBody, example: { outcome: 'paid' } },
    answers: [
      { status: 200, description: 'It was sent.', schema: answers.sandboxAnswer },
      { status: 303, description: 'To the order’s page, where a form was sent.' },
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
    summary: 'What a payment provider says, signed by it',
    description: 'Answered with 200 once it is on disk; a duplicate is answered so too and has no effect.',
    access: 'provider',
    body: { schema: v.looseObject({}), isRaw: true },
    answers: [{ status: 200, description: 'It is on disk.', schema: answers.webhookAnswer }],
    refusals: ['not_found', 'bad_signature', 'malformed', 'too_large', 'unsupported_media_type'],
    writes: true,
  },
  {
    id: 'isAlive',
    method: 'get',
    path: '/livez',
    tag: 'Health',
    summary: 'Whether the process lives',
    access: 'public',
    answers: [{ status: 200, description: 'It does.', schema: health.live }],
    refusals: [],
  },
  {
    id: 'isReady',
    method: 'get',
    path: '/readyz',
    tag: 'Health',
    summary: 'Whether orders are taken',
    access: 'public',
    answers: [
      { status: 200, description: 'They are.', schema: health.ready },
      { status: 503, description: 'They are not, or not any more.', schema: health.ready },
    ],
    refusals: [],
  },
  {
    id: 'getVersion',
    method: 'get',
    path: '/version',
    tag: 'Health',
    summary: 'What the server is, and what it runs on',
    access: 'public',
    answers: [{ status: 200, description: 'Both.', schema: health.versionAnswer }],
    refusals: [],
  },
  {
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Health',
    summary: 'What the server does, in Prometheus’ text format',
    access: 'public',
    answers: [{ status: 200, description: 'The metrics.', type: 'text/plain' }],
    refusals: [],
  },
]);
