/** Every mail that goes out, in one place. */
import { html } from 'hono/html';
import { money } from '../pages/money.ts';
import type { OutboundEvent } from './outbound-event.ts';

export interface Letter {
  subject: string;
  text: string;
  html: string;
}

export interface LetterLinks {
  pay: string;
  order: string;
}

/** Paragraphs, and where they lead. */
interface Draft {
  subject: string;
  paragraphs: string[];
  link?: { label: string; url: string };
}

const refundReasons: Readonly<Record<string, string>> = {
  sold_out: 'Your payment came after the time for it was over, and nothing was left for you.',
  limit_reached:
    'Your payment came after the time for it was over, and you have all that one customer may have.',
  paid_twice: 'The order was paid for more than once.',
  wrong_amount: 'The amount was not that of the order.',
  operator: 'We have taken the order back.',
};

function draftOf(event: OutboundEvent, { pay, order: orderUrl }: LetterLinks): Draft {
  const { type, drop, order, amount, currency, reason } = event;
  const { title } = drop;
  if (!order) {
    const paragraphs = drop.items.map(
      ({ name, stock, held, sold }) => `${name}: ${sold} sold, ${held} held of ${stock}`,
    );
    return {
      subject: `Sold out: ${title}`,
      paragraphs: ['Nothing can be bought at the moment.', ...paragraphs],
    };
  }
  const itemName = drop.items.find((item) => item.id === order.itemId)?.name ?? '';
  const what = `${order.quantity} × ${title}, ${itemName}`;
  const total = money(order.unitPrice * order.quantity, drop.currency);
  const seeOrder = { label: 'See your order', url: orderUrl };
  switch (type) {
    case 'order.paid':
      return {
        subject: `Paid: ${title}`,
        paragraphs: [`Thank you. ${what} is yours, for ${total}.`],
        link: seeOrder,
      };
    case 'order.released':
      return {
        subject: `Released: ${title}`,
        paragraphs: [
          `We no longer hold ${what} for you: ${reason === 'cancelled' ? 'you have cancelled' : 'the time to pay is over'}.`,
          'Nothing was charged. Should a payment be on its way all the same, you get your units or your money.',
        ],
        link: seeOrder,
      };
    case 'order.refunded':
      return {
        subject: `Refunded: ${title}`,
        paragraphs: [
          `We have sent ${money(amount ?? 0, currency ?? drop.currency)} back to you, for ${what}.`,
          refundReasons[reason ?? ''] ?? '',
        ],
        link: seeOrder,
      };
    default:
      return {
        subject: `Held for you: ${title}`,
        paragraphs: [
          `We hold ${what} for you until ${new Date(order.holdExpiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
          `Pay ${total} before then, or it goes to somebody else.`,
        ],
        link: { label: 'Pay now', url: pay },
      };
  }
}

/** The letter about an event. */
export function letterOf(event: OutboundEvent, links: LetterLinks): Letter {
  const { subject, paragraphs, link } = draftOf(event, links);
  const kept = paragraphs.filter((paragraph) => paragraph !== '');
  return {
    // A line break in a title must not begin another header, whatever sends this.
    subject: subject.replace(/[\s\p{Cc}]+/gu, ' '),
    text: [...kept, ...(link ? [`${link.label}: ${link.url}`] : [])].join('\n\n'),
    html: String(html`<!doctype html><html lang="en"><body>
${kept.map((paragraph) => html`<p>${paragraph}</p>`)}
${link ? html`<p><a href="${link.url}">${link.label}</a></p>` : ''}
</body></html>`),
  };
}
