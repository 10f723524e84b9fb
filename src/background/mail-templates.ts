/** Templates of all e-mails that Stampede sends. */
import { html } from 'hono/html';
import type { RefundReason } from '../domain/order.ts';
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
  outside: 'The shop sent the money back.',
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

/** Notifies the operator about a payment that belongs to no order. */
function unclaimedDraft(event: OutboundEvent, links: OrderLinks): Draft {
  const { type, amount, currency, provider, reason, error } = event;
  const shown = money(amount ?? 0, currency ?? '');
  const ofNoOrder = `The payment belongs to no order of this shop. Find it in the dashboard of ${provider ?? 'your payment provider'}.`;
  const drafts: Partial<Record<OutboundType, [subject: string, ...paragraphs: string[]]>> = {
    'order.disputed': [
      'Payment disputed',
      `A buyer disputes a payment of ${shown} (${reason ?? 'general'}).`,
      ofNoOrder,
      'Respond to the dispute there.',
    ],
    'refund.doubled': ['Refunded twice', doubled(shown), ofNoOrder],
  };
  const [subject, ...paragraphs] = drafts[type] ?? [
    'Refund failed',
    `A refund of ${shown} failed. ${refundFailureText(error ?? 'unknown')}`,
    ofNoOrder,
    'Retry the refund, or send the money another way and settle the refund.',
  ];
  return { subject, paragraphs, links: [{ label: 'See the refunds', url: links.refunds }] };
}

function draftOf(event: OutboundEvent, links: OrderLinks): Draft {
  const { type, drop, order, amount, currency, reason, error } = event;
  if (!drop) return unclaimedDraft(event, links);
  const { number, pay, order: orderUrl } = links;
  const { title } = drop;
  if (!order) {
    const paragraphs = drop.items.map(
      ({ name, stock, held, sold }) => `${name}: ${sold} sold, ${held} held of ${stock}`,
    );
    return {
      subject: `Sold out: ${title}`,
      paragraphs: ['No units are available right now.', ...paragraphs],
      links: [],
    };
  }
  const itemName = drop.items.find((item) => item.id === order.itemId)?.name ?? '';
  const what = `${order.quantity} × ${title}, ${itemName}`;
  const total = money(order.unitPrice * order.quantity, drop.currency);
  const named = `Order number: ${number}`;
  const shown = money(amount ?? 0, currency ?? drop.currency);
  const seeOrder = { label: 'See your order', url: orderUrl };
  const seeForOperator = { label: 'See the order', url: orderUrl };
  switch (type) {
    case 'order.paid':
      return {
        subject: `Paid: ${title}`,
        paragraphs: [`Thank you. You bought ${what} for ${total}.`, named],
        links: [seeOrder],
      };
    case 'order.released':
      return {
        subject: `Released: ${title}`,
        paragraphs: [
          `Your reservation of ${what} has ended: ${releaseReasons[reason ?? ''] ?? 'the time to pay ran out'}.`,
          'Nothing was charged. If a payment is still on its way, you get what you reserved, or your money back.',
          named,
        ],
        links: [seeOrder],
      };
    case 'order.disputed':
      return {
        subject: `Payment disputed: ${title}`,
        paragraphs: [
          `A buyer disputes a payment of ${shown} (${reason ?? 'general'}).`,
          'Respond in the dashboard of your payment provider. Do not ship the order before the dispute is closed.',
          named,
        ],
        links: [seeForOperator],
      };
    case 'refund.failed':
      return {
        subject: `Refund failed: ${title}`,
        paragraphs: [
          `A refund of ${shown} failed. ${refundFailureText(error ?? 'unknown')}`,
          'Retry it, or send the money another way and settle the refund.',
          named,
        ],
        links: [seeForOperator],
      };
    case 'refund.doubled':
      return {
        subject: `Refunded twice: ${title}`,
        paragraphs: [doubled(shown), named],
        links: [seeForOperator],
      };
    case 'order.refunded':
      return {
        subject: `Refunded: ${title}`,
        paragraphs: [`We refunded ${shown} for ${what}.`, refundWords[reason as RefundReason] ?? '', named],
        links: [seeOrder],
      };
    default:
      return {
        subject: `Held for you: ${title}`,
        paragraphs: [
          `We reserved ${what} for you until ${new Date(order.holdExpiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
          `Pay ${total} before then, or the reservation ends.`,
          named,
        ],
        links: [{ label: 'Pay now', url: pay }, seeOrder],
      };
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
