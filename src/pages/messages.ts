/** English texts of the storefront, and the choice of the buyer's language. */
import { duration, type Forms, plural } from './counted.ts';
import { de } from './messages-de.ts';

const en = {
  shop: 'Drops',
  nothing: 'No drops yet. Check back soon.',
  phases: {
    draft: 'Draft',
    scheduled: 'Opens soon',
    live: 'On sale now',
    sold_out: 'Sold out',
    paused: 'Paused',
    ended: 'Ended',
  },
  opensAt: 'Opens',
  endsAt: 'Ends',
  opensIn: 'Opens in',
  choose: 'Choose',
  left: { one: '% left', other: '% left' } as Forms,
  none: 'Sold out',
  allReserved: 'All reserved right now',
  quantity: 'Quantity',
  atMost: (units: number) =>
    plural('en', units, { one: 'Limit: % per customer.', other: 'Limit: % per customer.' }),
  email: 'E-mail',
  name: 'Name',
  optional: 'optional',
  buy: 'Reserve',
  buying: 'One moment …',
  holds: (seconds: number) =>
    `Pay on the next page within ${duration('en', seconds)}. Your reservation is kept until then.`,
  back: 'All drops',
  order: 'Your order',
  number: 'Order number',
  item: 'Item',
  total: 'Total',
  holdLeft: 'Time left',
  pay: 'Pay now',
  payAgain: 'Not paid yet? Go to the payment',
  cancel: 'Cancel order',
  again: 'Back to the drop',
  statuses: {
    held: 'Reserved for you. Pay before the time runs out.',
    declined: 'Payment declined. Try another card or payment method.',
    waiting:
      'Your payment is not confirmed yet. If you paid, the confirmation appears here as soon as it arrives.',
    cancelled: (until: string) => `We have received no payment. Your reservation is kept until ${until}.`,
    paid: 'Paid. Your order is confirmed. Thank you!',
    fulfilled: 'Your order is on its way.',
    released: 'Your reservation has ended. Nothing was charged.',
    withdrawn: 'You cancelled this order. Your reservation has ended, and nothing was charged.',
    late: 'Your reservation has ended. If you paid, you get what you reserved or your money back automatically.',
    refunding: 'We are refunding your payment.',
    refunded: 'Your payment was refunded.',
  },
  refunded: 'Refunded',
  refunding: 'Refund in progress',
  keepLink: 'This browser keeps no cookies, so save this link. It opens your order again:',
  ownLink: 'Your order’s link',
  openOrder: 'You have an open reservation for this drop.',
  from: (price: string) => `from ${price}`,
  tracking: 'Tracking number',
  drop: 'Drop',
  open: {
    explain: 'To see this order, paste its link, or the code at the end of the link.',
    label: 'Link or code',
    wrong: 'This link or code does not belong to the order.',
    button: 'Show order',
    lost: 'Lost the link? Find your orders',
    address:
      'If you came here from your order, its link is the address of this page. Copy it from the address bar.',
    elsewhere: 'Your order is still open in the tab where you started the payment.',
    noCookie:
      'This browser did not keep the cookie that opens your order, so this page needs the order’s link.',
    mailed: 'You’ll find it in the e-mail about your order.',
    mailAgain: 'Get the links by e-mail',
    paid: 'If you paid, your payment counts for your order, even if you close this page.',
    declined: 'If the payment was declined, open your order to try again.',
    cancelled: 'If you cancelled the payment, open your order to try again.',
  },
  find: {
    title: 'Find your orders',
    explain: 'We send the links to your orders to the e-mail address that you bought with.',
    button: 'Send the links',
    sent: 'If there are orders for this address, the links are on their way. Check your inbox.',
    wrong: 'Enter an e-mail address.',
    noMail: 'This shop sends no e-mail. Open your order with the link that you got after buying.',
  },
  problems: {
    missing: ['Page not found', 'There is nothing at this address.'],
    refused: ['Not allowed', 'This request was refused.'],
    unreadable: ['Request not understood', 'Go back, check what you entered, and try again.'],
    conflict: ['That did not work', 'Nothing was charged. Go back and try again.'],
    tooMany: ['Too many requests', 'Wait a moment, then try again. Nothing was charged.'],
    unavailable: ['Temporarily unavailable', 'Try again in a few seconds.'],
    unknown: ['We can’t tell yet whether this worked', 'Try again. A retry never places a second order.'],
    noProvider: ['Payment unavailable', 'No payment method is available for this order right now.'],
    broken: ['Something went wrong', 'The error is on our side. Try again in a moment.'],
  } as Record<ProblemKind, readonly [title: string, text: string]>,
  payment: {
    how: 'How do you want to pay?',
    labels: { stripe: 'Card and wallets', payos: 'Bank transfer (VietQR)' },
    nothing: 'Nothing to pay',
    timeOver: 'The time to pay for this order has run out, and your reservation was released.',
    paidAlready: 'This order is already paid.',
    seeOrder: 'See your order',
    away: 'Payment not available right now',
    tryAgain: 'Try the payment again',
    unavailable:
      'The payment provider can’t be reached. No payment was started, and your reservation is kept until the time runs out.',
    unpayable:
      'The payment provider cannot charge this amount, so your reservation has ended. Nothing was charged.',
  },
  sandbox: {
    title: 'Sandbox payment',
    note: 'No money moves here. This page stands in for a payment provider and sends the same signed webhook.',
    pay: 'Pay',
    payAnyway: 'Pay anyway: late, or a second time',
    decline: 'Decline the payment',
    payLate: 'Pay late, after the hold ends',
    statuses: {
      held: 'held',
      over: 'held, time expired',
      paid: 'paid',
      fulfilled: 'fulfilled',
      released: 'released',
      refunding: 'refunding',
      refunded: 'refunded',
    },
  },
  refusals: {
    sold_out: 'Sold out for now. Unpaid reservations may free up more, so keep this page open.',
    limit_reached:
      'That is more than the limit per customer. Earlier orders and open reservations count too.',
    not_started: 'The drop has not opened yet. This page shows the form as soon as it does.',
    ended: 'The drop has ended. Nothing was charged.',
    paused: 'The drop is paused. Try again in a few minutes.',
    key_reused: 'You already placed another order from this page. To place a second one, submit again.',
    rate_limited: 'Too many attempts. Wait a minute, then try again. Nothing was lost.',
    too_many_unpaid:
      'Too many reservations from your network are waiting for payment. Pay or cancel one, or try again in a few minutes.',
    invalid: 'Please check the fields below.',
    overloaded: 'It’s very busy right now. Nothing was ordered. Try again in a few seconds.',
    outcome_unknown: 'We can’t tell yet whether this worked. Submit again. This never places a second order.',
    no_provider: 'No payment provider can charge this item at the moment. Nothing was reserved or charged.',
    other: 'That did not work, and nothing was charged. Try again.',
  },
  fields: {
    email: 'Enter an e-mail address.',
    sku: 'Choose an item.',
    quantity: 'Enter a whole number from 1 to %.',
    name: 'Enter your name without line breaks or special control characters, or leave it empty.',
  },
};

export type Messages = typeof en;

/** Kinds of problems that buyers see; the API has many more codes. */
export type ProblemKind =
  | 'missing'
  | 'refused'
  | 'unreadable'
  | 'conflict'
  | 'tooMany'
  | 'unavailable'
  | 'unknown'
  | 'noProvider'
  | 'broken';

export interface Language {
  /** BCP 47 tag, also used to format times and prices. */
  locale: string;
  messages: Messages;
}

const languages: readonly Language[] = [
  { locale: 'en', messages: en },
  { locale: 'de', messages: de },
];

/** Picks the first supported language of Accept-Language, or English (RFC 9110, 12.5.4). */
export function chooseLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().split(';');
      const quality = parameters.find((parameter) => parameter.trim().startsWith('q='));
      return { tag: tag.toLowerCase(), quality: quality ? Number(quality.trim().slice(2)) : 1 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality);
  for (const { tag } of wanted) {
    const spoken = languages.find(({ locale }) => tag === locale || tag.startsWith(`${locale}-`));
    // Keep the region, because prices are formatted by it.
    if (spoken) return { ...spoken, locale: isLocale(tag) ? tag : spoken.locale };
  }
  return languages[0] as Language;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}
