/** Every sentence of the storefront, in each of its languages: one file to translate, and one to read them all. */

const en = {
  shop: 'Drops',
  nothing: 'Nothing is on sale yet. Come back soon.',
  phases: {
    draft: 'Draft',
    scheduled: 'Opens soon',
    live: 'On sale now',
    sold_out: 'Sold out',
    paused: 'Paused',
    ended: 'Over',
  },
  opensAt: 'Opens',
  endsAt: 'Closes',
  opensIn: 'Opens in',
  choose: 'Choose',
  left: (units: number) => (units === 1 ? '1 left' : `${units} left`),
  none: 'none left',
  inHands: 'all are in somebody’s hands',
  quantity: 'How many',
  atMost: (units: number) => `At most ${units} for one customer.`,
  email: 'E-mail',
  name: 'Name',
  optional: 'if you like',
  buy: 'Hold it for me',
  buying: 'One moment …',
  holds: (minutes: number) => `You pay on the next page, within ${minutes} minutes. Until then it is yours.`,
  back: 'All drops',
  order: 'Your order',
  item: 'Item',
  total: 'Total',
  holdLeft: 'Held for you for',
  pay: 'Pay now',
  cancel: 'Give it back',
  again: 'Back to the drop',
  lostToken: 'This order is shown in the browser it was made in, and nowhere else. Open it there.',
  statuses: {
    held: 'It is held for you. Pay before the time is over.',
    paid: 'It is paid for, and it is yours. Thank you!',
    fulfilled: 'It is on its way to you.',
    released: 'It is not held for you any more. Nothing was charged.',
    refunding: 'Your money is on its way back to you.',
    refunded: 'Your money was sent back to you.',
  },
  number: 'Order number',
  tracking: 'Parcel number',
  drop: 'Drop',
  payment: {
    how: 'How do you want to pay?',
    labels: { stripe: 'Card and wallets', payos: 'Bank transfer (VietQR)' },
    nothing: 'Nothing to pay',
    timeOver: 'The time to pay for this order is over, and its units went back to the others.',
    paidAlready: 'This order is paid for already.',
    seeOrder: 'See the order',
    tryAgain: 'Please try again',
    unavailable:
      'The payment provider could not be reached. Nothing was charged, and your units are still yours.',
    unpayable:
      'The payment provider cannot charge this amount, so your reservation has ended. Nothing was charged.',
  },
  sandbox: {
    title: 'Sandbox payment',
    note: 'No money moves here. This page stands in for a payment provider and sends the same signed message that one would.',
    pay: 'Pay',
    payAnyway: 'Pay anyway: late, or a second time',
    decline: 'Decline the payment',
    payLate: 'Pay late, once the hold is over',
    statuses: {
      held: 'held',
      over: 'held, its time is over',
      paid: 'paid',
      fulfilled: 'fulfilled',
      released: 'released',
      refunding: 'refunding',
      refunded: 'refunded',
    },
  },
  refusals: {
    sold_out:
      'Somebody was faster: none are left in this moment. What is held and not paid for in time comes back, so stay a while.',
    limit_reached: 'You have as many of this drop as one customer may have.',
    not_started: 'The drop has not opened yet. This page opens it for you by itself.',
    ended: 'The drop is over. Nothing was charged.',
    paused: 'The drop is paused. Try again in a few minutes.',
    key_reused: 'You have begun another order from this page. If you want a second one, send it again.',
    rate_limited: 'That was very fast. Wait a minute, and try again: nothing was lost.',
    invalid: 'Something in the form is not right: look at the fields below.',
    overloaded: 'Very many people want this now. Nothing was done: try again in a few seconds.',
    outcome_unknown: 'We can’t tell yet whether this worked. Send it again: you never get it twice.',
    other: 'That did not work, and nothing was charged. Try again.',
  },
  fields: {
    email: 'Please give an e-mail address.',
    sku: 'Please choose one.',
    quantity: 'Please give a whole number.',
  },
};

export type Messages = typeof en;

const de: Messages = {
  shop: 'Drops',
  nothing: 'Noch ist nichts im Verkauf. Schau bald wieder vorbei.',
  phases: {
    draft: 'Entwurf',
    scheduled: 'Öffnet bald',
    live: 'Jetzt im Verkauf',
    sold_out: 'Ausverkauft',
    paused: 'Pausiert',
    ended: 'Vorbei',
  },
  opensAt: 'Öffnet',
  endsAt: 'Schließt',
  opensIn: 'Öffnet in',
  choose: 'Auswahl',
  left: (units) => `noch ${units}`,
  none: 'keine mehr',
  inHands: 'alle sind gerade vergeben',
  quantity: 'Wie viele',
  atMost: (units) => `Höchstens ${units} pro Person.`,
  email: 'E-Mail',
  name: 'Name',
  optional: 'wenn du magst',
  buy: 'Für mich zurücklegen',
  buying: 'Einen Moment …',
  holds: (minutes) =>
    `Bezahlt wird auf der nächsten Seite, binnen ${minutes} Minuten. Bis dahin gehört es dir.`,
  back: 'Alle Drops',
  order: 'Deine Bestellung',
  item: 'Artikel',
  total: 'Summe',
  holdLeft: 'Für dich zurückgelegt, noch',
  pay: 'Jetzt bezahlen',
  cancel: 'Zurückgeben',
  again: 'Zurück zum Drop',
  lostToken: 'Diese Bestellung zeigt nur der Browser, in dem sie entstanden ist. Öffne sie dort.',
  statuses: {
    held: 'Sie ist für dich zurückgelegt. Bezahle, bevor die Zeit um ist.',
    paid: 'Sie ist bezahlt und gehört dir. Danke!',
    fulfilled: 'Sie ist auf dem Weg zu dir.',
    released: 'Sie ist nicht mehr für dich zurückgelegt. Es wurde nichts abgebucht.',
    refunding: 'Dein Geld ist auf dem Weg zurück zu dir.',
    refunded: 'Dein Geld wurde dir zurückgeschickt.',
  },
  number: 'Bestellnummer',
  tracking: 'Sendungsnummer',
  drop: 'Drop',
  payment: {
    how: 'Wie möchtest du bezahlen?',
    labels: { stripe: 'Karte und Wallets', payos: 'Überweisung (VietQR)' },
    nothing: 'Nichts zu bezahlen',
    timeOver: 'Die Zeit zum Bezahlen ist um, und die Stücke gingen an die anderen zurück.',
    paidAlready: 'Diese Bestellung ist schon bezahlt.',
    seeOrder: 'Zur Bestellung',
    tryAgain: 'Bitte versuche es noch einmal',
    unavailable:
      'Der Zahlungsanbieter war nicht zu erreichen. Es wurde nichts abgebucht, und deine Stücke gehören weiter dir.',
    unpayable:
      'Der Zahlungsanbieter kann diesen Betrag nicht abbuchen, deshalb ist deine Reservierung beendet. Es wurde nichts abgebucht.',
  },
  sandbox: {
    title: 'Probezahlung',
    note: 'Hier fließt kein Geld. Diese Seite vertritt einen Zahlungsanbieter und schickt dieselbe signierte Nachricht, die er schicken würde.',
    pay: 'Bezahlen',
    payAnyway: 'Trotzdem bezahlen: zu spät, oder ein zweites Mal',
    decline: 'Zahlung ablehnen',
    payLate: 'Zu spät bezahlen, wenn die Zeit um ist',
    statuses: {
      held: 'zurückgelegt',
      over: 'zurückgelegt, die Zeit ist um',
      paid: 'bezahlt',
      fulfilled: 'verschickt',
      released: 'zurückgegeben',
      refunding: 'Geld auf dem Rückweg',
      refunded: 'Geld zurückgeschickt',
    },
  },
  refusals: {
    sold_out:
      'Jemand war schneller: gerade ist keines mehr da. Was nicht rechtzeitig bezahlt wird, kommt zurück, also bleib noch etwas.',
    limit_reached: 'Du hast von diesem Drop schon so viele, wie eine Person haben darf.',
    not_started: 'Der Drop hat noch nicht geöffnet. Diese Seite öffnet ihn dir von selbst.',
    ended: 'Der Drop ist vorbei. Es wurde nichts abgebucht.',
    paused: 'Der Drop ist pausiert. Versuche es in ein paar Minuten wieder.',
    key_reused:
      'Du hast von dieser Seite schon eine andere Bestellung begonnen. Willst du eine zweite, schicke sie noch einmal ab.',
    rate_limited: 'Das war sehr schnell. Warte eine Minute und versuche es wieder: es ging nichts verloren.',
    invalid: 'Etwas im Formular stimmt nicht: sieh dir die Felder unten an.',
    overloaded:
      'Gerade wollen sehr viele das hier. Es ist nichts geschehen: versuche es in ein paar Sekunden wieder.',
    outcome_unknown:
      'Noch wissen wir nicht, ob das geklappt hat. Schicke es noch einmal ab: du bekommst es nie doppelt.',
    other: 'Das hat nicht geklappt, und es wurde nichts abgebucht. Versuche es noch einmal.',
  },
  fields: {
    email: 'Bitte gib eine E-Mail-Adresse an.',
    sku: 'Bitte wähle etwas aus.',
    quantity: 'Bitte gib eine ganze Zahl an.',
  },
};

export interface Language {
  /** BCP 47: how times and prices are written too. */
  locale: string;
  messages: Messages;
}

const languages: readonly Language[] = [
  { locale: 'en', messages: en },
  { locale: 'de', messages: de },
];

/** The first language that a browser asks for and that is spoken here; English where there is none (RFC 9110, 12.5.4). */
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
    // The region stays: it says how to write a price.
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
