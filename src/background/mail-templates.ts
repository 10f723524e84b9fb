/** Templates of all e-mails that Stampede sends. */
import { html } from 'hono/html';
import type { Drop } from '../domain/drop.ts';
import { namedItems } from '../domain/named-items.ts';
import type { Order, RefundReason } from '../domain/order.ts';
import { refundFailureText } from '../domain/refund-failure.ts';
import { undisguised } from '../domain/visible-text.ts';
import { money } from '../pages/money.ts';
import type { OutboundEvent, OutboundType } from './outbound-event.ts';

export interface MailContent {
  subject: string;
  text: string;
  html: string;
}

/** The order number and the links that an e-mail shows. */
export interface OrderLinks {
  number: string;
  pay: string;
  order: string;
  /** The dashboard page that lists refunds. */
  refunds: string;
}

interface Link {
  label: string;
  url: string;
}

/** Paragraphs, then links. */
interface Draft {
  subject: string;
  paragraphs: string[];
  links: Link[];
}

/** An order as the e-mail with lost links lists it. */
export interface FoundOrder {
  number: string;
  title: string;
  status: string;
  url: string;
  createdAt: number;
}

const refundWords: Readonly<Record<RefundReason, string>> = {
  sold_out: 'Your payment arrived after your reservation had ended, and no units were left.',
  limit_reached:
    'Your payment arrived after your reservation had ended, and you already have the most that one customer can buy.',
  paid_twice: 'The order was paid more than once.',
  wrong_amount: 'The amount did not match the order.',
  unknown_order: 'The payment did not name an order of the shop.',
  operator: 'The shop cancelled the order.',
  outside: 'The shop refunded your payment.',
  customer_erased: 'Your personal data was deleted before the payment arrived.',
};

const releaseReasons: Readonly<Record<string, string>> = {
  cancelled: 'you cancelled it',
  unpayable: 'the payment provider cannot charge this amount',
};

/** Order statuses in the customer's words. */
const statusWords: Readonly<Record<string, string>> = {
  held: 'reserved, not paid yet',
  paid: 'paid',
  fulfilled: 'shipped',
  released: 'reservation ended',
  refunding: 'being refunded',
  refunded: 'refunded',
};

const doubled = (shown: string): string =>
  `The provider has sent a refund of ${shown} that was settled by hand. The customer may have received the money twice.`;

const disputed = (shown: string, reason: string | null): string =>
  `A buyer disputes a payment of ${shown} (${reason ?? 'general'}).`;
const refundFailed = (shown: string, error: string | null): string =>
  `A refund of ${shown} failed. ${refundFailureText(error ?? 'unknown')}`;

/** Notifies the operator about a payment that belongs to no order. */
function unclaimedDraft(event: OutboundEvent, links: OrderLinks): Draft {
  const { type, amount, currency, provider, reason, error } = event;
  const shown = money(amount ?? 0, currency ?? '');
  const ofNoOrder = `The payment belongs to no order of this shop. Find it in the dashboard of ${provider ?? 'your payment provider'}.`;
  const drafts: Partial<Record<OutboundType, [subject: string, ...paragraphs: string[]]>> = {
    'order.disputed': [
      'Payment disputed',
      disputed(shown, reason),
      ofNoOrder,
      'Respond to the dispute there.',
    ],
    'refund.doubled': ['Refunded twice', doubled(shown), ofNoOrder],
  };
  const [subject, ...paragraphs] = drafts[type] ?? [
    'Refund failed',
    refundFailed(shown, error),
    ofNoOrder,
    'Retry the refund, or send the money another way and settle the refund.',
  ];
  return { subject, paragraphs, links: [{ label: 'See the refunds', url: links.refunds }] };
}

/** An event about an order. */
type OrderEvent = OutboundEvent & { drop: Drop; order: Order };

const ofOrder = (event: OutboundEvent): event is OrderEvent => event.drop !== null && event.order !== null;

const unitsOf = ({ drop, order }: OrderEvent): string =>
  namedItems(order, drop)
    .map(({ name, quantity }) => `${quantity} × ${drop.title}, ${name}`)
    .join('; ');
const totalOf = ({ drop, order }: OrderEvent): string => money(order.total, drop.currency);
const movedOf = ({ amount, currency, drop }: OrderEvent): string =>
  money(amount ?? 0, currency ?? drop.currency);
const numberOf = ({ number }: OrderLinks): string => `Order number: ${number}`;
const forCustomer = ({ order }: OrderLinks): Link => ({ label: 'See your order', url: order });
const forOperator = ({ order }: OrderLinks): Link => ({ label: 'See the order', url: order });
const minuteOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const heldDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Held for you: ${event.drop.title}`,
  paragraphs: [
    `We reserved ${unitsOf(event)} for you until ${minuteOf(event.order.holdExpiresAt)}.`,
    `Pay ${totalOf(event)} before then, or the reservation ends.`,
    numberOf(links),
  ],
  links: [{ label: 'Pay now', url: links.pay }, forCustomer(links)],
});

const paidDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Paid: ${event.drop.title}`,
  paragraphs: [`Thank you. You bought ${unitsOf(event)} for ${totalOf(event)}.`, numberOf(links)],
  links: [forCustomer(links)],
});

const releasedDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Released: ${event.drop.title}`,
  paragraphs: [
    `Your reservation of ${unitsOf(event)} has ended: ${releaseReasons[event.reason ?? ''] ?? 'the time to pay ran out'}.`,
    'Nothing was charged. If a payment is still on its way, you get what you reserved, or your money back.',
    numberOf(links),
  ],
  links: [forCustomer(links)],
});

const refundedDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Refunded: ${event.drop.title}`,
  paragraphs: [
    `We refunded ${movedOf(event)} for ${unitsOf(event)}.`,
    refundWords[event.reason as RefundReason] ?? '',
    numberOf(links),
  ],
  links: [forCustomer(links)],
});

const disputedDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Payment disputed: ${event.drop.title}`,
  paragraphs: [
    disputed(movedOf(event), event.reason),
    'Respond in the dashboard of your payment provider. Do not ship the order before the dispute is closed.',
    numberOf(links),
  ],
  links: [forOperator(links)],
});

const refundFailedDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Refund failed: ${event.drop.title}`,
  paragraphs: [
    refundFailed(movedOf(event), event.error),
    'Retry it, or send the money another way and settle the refund.',
    numberOf(links),
  ],
  links: [forOperator(links)],
});

const refundDoubledDraft = (event: OrderEvent, links: OrderLinks): Draft => ({
  subject: `Refunded twice: ${event.drop.title}`,
  paragraphs: [doubled(movedOf(event)), numberOf(links)],
  links: [forOperator(links)],
});

const soldOutDraft = ({ title, items }: Drop): Draft => ({
  subject: `Sold out: ${title}`,
  paragraphs: [
    'No units are available right now.',
    ...items.map(({ name, stock, held, sold }) => `${name}: ${sold} sold, ${held} held of ${stock}`),
  ],
  links: [],
});

function draftOf(event: OutboundEvent, links: OrderLinks): Draft {
  if (!event.drop) return unclaimedDraft(event, links);
  if (!ofOrder(event)) return soldOutDraft(event.drop);
  switch (event.type) {
    case 'order.paid':
      return paidDraft(event, links);
    case 'order.released':
      return releasedDraft(event, links);
    case 'order.refunded':
      return refundedDraft(event, links);
    case 'order.disputed':
      return disputedDraft(event, links);
    case 'refund.failed':
      return refundFailedDraft(event, links);
    case 'refund.doubled':
      return refundDoubledDraft(event, links);
    default:
      return heldDraft(event, links);
  }
}

function write({ subject, paragraphs, links }: Draft): MailContent {
  const kept = paragraphs.filter((paragraph) => paragraph !== '').map(undisguised);
  return {
    // A line break in a title must not start another header, whichever transport sends the e-mail.
    subject: undisguised(subject).replace(/[\s\p{Cc}]+/gu, ' '),
    text: [...kept, ...links.map(({ label, url }) => `${label}: ${url}`)].join('\n\n'),
    html: String(html`<!doctype html><html lang="en"><body>
${kept.map((paragraph) => html`<p>${paragraph}</p>`)}
${links.map(({ label, url }) => html`<p><a href="${url}">${label}</a></p>`)}
</body></html>`),
  };
}

/** The e-mail about an event. */
export const mailContent = (event: OutboundEvent, links: OrderLinks): MailContent =>
  write(draftOf(event, links));

/** The e-mail for POST /orders/find: every order of the address, newest first. */
export function linksMailContent(orders: readonly FoundOrder[]): MailContent {
  const isOne = orders.length === 1;
  const asked = isOne ? 'the link to your order' : 'the links to your orders';
  return write({
    subject: isOne ? 'Your order' : 'Your orders',
    paragraphs: [
      `You asked for ${asked}. Anyone with such a link can see the order, so keep this e-mail to yourself.`,
      'If you did not ask for it, ignore this e-mail.',
    ],
    links: orders.map(({ number, title, status, url }) => ({
      label: `Order ${number}, ${title} (${statusWords[status] ?? status})`,
      url,
    })),
  });
}
