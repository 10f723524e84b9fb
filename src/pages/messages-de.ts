/** German texts of the storefront. */
import { duration, type Forms, plural } from './counted.ts';
import type { Messages } from './messages.ts';

export const de: Messages = {
  shop: 'Drops',
  nothing: 'Noch keine Drops. Schau bald wieder vorbei.',
  phases: {
    draft: 'Entwurf',
    scheduled: 'Startet bald',
    live: 'Jetzt erhältlich',
    sold_out: 'Ausverkauft',
    paused: 'Pausiert',
    ended: 'Beendet',
  },
  opensAt: 'Start:',
  endsAt: 'Endet am',
  opensIn: 'Startet in',
  choose: 'Auswahl',
  left: { one: 'Noch % verfügbar', other: 'Noch % verfügbar' } as Forms,
  none: 'Ausverkauft',
  allReserved: 'Derzeit alle reserviert',
  quantity: 'Anzahl',
  atMost: (units) =>
    plural('de', units, { one: 'Höchstens % Stück pro Person.', other: 'Höchstens % Stück pro Person.' }),
  email: 'E-Mail-Adresse',
  name: 'Name',
  optional: 'optional',
  buy: 'Reservieren',
  buying: 'Einen Moment …',
  holds: (seconds) =>
    `Bezahle auf der nächsten Seite innerhalb von ${duration('de', seconds)}. So lange ist deine Bestellung reserviert.`,
  back: 'Alle Drops',
  order: 'Deine Bestellung',
  // Soft hyphens: on a phone, the whole word does not fit next to an order number.
  number: 'Bestell\u00adnummer',
  item: 'Artikel',
  total: 'Gesamtbetrag',
  holdLeft: 'Verbleibende Zeit',
  pay: 'Jetzt bezahlen',
  payAgain: 'Noch nicht bezahlt? Zur Zahlung',
  cancel: 'Bestellung stornieren',
  again: 'Zurück zum Drop',
  statuses: {
    held: 'Für dich reserviert. Bezahle, bevor die Zeit abläuft.',
    declined: 'Zahlung abgelehnt. Versuche es mit einer anderen Karte oder Zahlungsart.',
    waiting:
      'Deine Zahlung ist noch nicht bestätigt. Falls du bezahlt hast, erscheint die Bestätigung hier, sobald sie da ist.',
    cancelled: (until) => `Wir haben keine Zahlung erhalten. Deine Reservierung gilt noch bis ${until}.`,
    paid: 'Bezahlt. Deine Bestellung ist bestätigt. Vielen Dank!',
    fulfilled: 'Deine Bestellung ist unterwegs.',
    released: 'Deine Reservierung ist abgelaufen. Es wurde nichts abgebucht.',
    withdrawn:
      'Du hast diese Bestellung storniert. Deine Reservierung ist beendet, und es wurde nichts abgebucht.',
    late: 'Deine Reservierung ist abgelaufen. Falls du bezahlt hast, bekommst du automatisch die reservierte Ware oder eine Erstattung.',
    refunding: 'Wir erstatten deine Zahlung.',
    refunded: 'Deine Zahlung wurde erstattet.',
  },
  refunded: 'Erstattet',
  refunding: 'Erstattung läuft',
  keepLink:
    'Dieser Browser speichert keine Cookies. Bewahre deshalb diesen Link auf. Er öffnet deine Bestellung wieder:',
  ownLink: 'Link zu deiner Bestellung',
  openOrder: 'Du hast für diesen Drop eine offene Reservierung.',
  from: (price) => `ab ${price}`,
  tracking: 'Sendungs\u00adnummer',
  drop: 'Drop',
  open: {
    explain: 'Um diese Bestellung zu sehen, füge ihren Link ein oder den Code am Ende des Links.',
    label: 'Link oder Code',
    wrong: 'Dieser Link oder Code gehört nicht zu der Bestellung.',
    button: 'Bestellung anzeigen',
    lost: 'Link verloren? Bestellungen finden',
    address:
      'Wenn du von deiner Bestellung kommst, ist ihr Link die Adresse dieser Seite. Kopiere sie aus der Adresszeile.',
    elsewhere: 'In dem Tab, in dem du die Zahlung begonnen hast, ist deine Bestellung noch geöffnet.',
    noCookie:
      'Dieser Browser hat das Cookie nicht behalten, das deine Bestellung öffnet. Darum braucht diese Seite den Link zu deiner Bestellung.',
    mailed: 'Du findest ihn in der E-Mail zu deiner Bestellung.',
    mailAgain: 'Links per E-Mail bekommen',
    paid: 'Falls du bezahlt hast, zählt deine Zahlung für deine Bestellung, auch wenn du diese Seite schließt.',
    declined: 'Falls die Zahlung abgelehnt wurde, öffne deine Bestellung, um es noch einmal zu versuchen.',
    cancelled:
      'Falls du die Zahlung abgebrochen hast, öffne deine Bestellung, um es noch einmal zu versuchen.',
  },
  find: {
    title: 'Bestellungen finden',
    explain: 'Wir schicken die Links zu deinen Bestellungen an die E-Mail-Adresse, mit der du gekauft hast.',
    button: 'Links zuschicken',
    sent: 'Falls es Bestellungen zu dieser Adresse gibt, sind die Links unterwegs. Schau in dein Postfach.',
    wrong: 'Gib eine E-Mail-Adresse ein.',
    noMail:
      'Dieser Shop verschickt keine E-Mails. Öffne deine Bestellung mit dem Link, den du nach dem Kauf bekommen hast.',
  },
  problems: {
    missing: ['Seite nicht gefunden', 'Unter dieser Adresse gibt es keine Seite.'],
    refused: ['Nicht erlaubt', 'Diese Anfrage wurde abgelehnt.'],
    unreadable: ['Anfrage nicht verstanden', 'Geh zurück, prüfe deine Eingaben und versuche es noch einmal.'],
    conflict: [
      'Das hat nicht geklappt',
      'Es wurde nichts abgebucht. Geh zurück und versuche es noch einmal.',
    ],
    tooMany: [
      'Zu viele Anfragen',
      'Warte einen Moment und versuche es dann noch einmal. Es wurde nichts abgebucht.',
    ],
    unavailable: ['Vorübergehend nicht erreichbar', 'Versuche es in ein paar Sekunden noch einmal.'],
    unknown: [
      'Noch ist unklar, ob das geklappt hat',
      'Versuche es noch einmal. Dabei wird nichts doppelt bestellt.',
    ],
    noProvider: ['Keine Zahlung möglich', 'Für diese Bestellung gibt es gerade keine Zahlungsart.'],
    broken: ['Etwas ist schiefgelaufen', 'Der Fehler liegt bei uns. Versuche es gleich noch einmal.'],
  },
  payment: {
    how: 'Wie möchtest du bezahlen?',
    labels: { stripe: 'Karte und Wallets', payos: 'Überweisung (VietQR)' },
    nothing: 'Nichts zu bezahlen',
    timeOver: 'Die Zeit zum Bezahlen ist abgelaufen, die Reservierung wurde aufgehoben.',
    paidAlready: 'Diese Bestellung ist schon bezahlt.',
    seeOrder: 'Zur Bestellung',
    away: 'Zahlung gerade nicht möglich',
    tryAgain: 'Zahlung noch einmal versuchen',
    unavailable:
      'Der Zahlungsanbieter ist nicht erreichbar. Es wurde keine Zahlung begonnen, und deine Reservierung gilt, bis die Zeit abläuft.',
    unpayable:
      'Der Zahlungsanbieter kann diesen Betrag nicht abbuchen, deshalb ist deine Reservierung beendet. Es wurde nichts abgebucht.',
  },
  sandbox: {
    title: 'Testzahlung',
    note: 'Hier fließt kein Geld. Diese Seite ersetzt einen Zahlungsanbieter und sendet denselben signierten Webhook.',
    pay: 'Bezahlen',
    payAnyway: 'Trotzdem bezahlen: zu spät oder ein zweites Mal',
    decline: 'Zahlung ablehnen',
    payLate: 'Zu spät bezahlen, nach Ablauf der Reservierung',
    statuses: {
      held: 'reserviert',
      over: 'reserviert, Zeit abgelaufen',
      paid: 'bezahlt',
      fulfilled: 'verschickt',
      released: 'freigegeben',
      refunding: 'wird erstattet',
      refunded: 'erstattet',
    },
  },
  refusals: {
    sold_out:
      'Zurzeit ausverkauft. Nicht bezahlte Reservierungen werden wieder frei, also lass diese Seite geöffnet.',
    limit_reached:
      'Das ist mehr als die Höchstmenge pro Person. Frühere Bestellungen und offene Reservierungen zählen mit.',
    not_started: 'Der Drop hat noch nicht begonnen. Diese Seite zeigt das Formular, sobald es losgeht.',
    ended: 'Der Drop ist beendet. Es wurde nichts abgebucht.',
    paused: 'Der Drop ist pausiert. Versuche es in ein paar Minuten noch einmal.',
    key_reused:
      'Du hast von dieser Seite schon eine andere Bestellung aufgegeben. Für eine zweite sende das Formular noch einmal ab.',
    rate_limited:
      'Zu viele Versuche. Warte eine Minute und versuche es noch einmal. Es ging nichts verloren.',
    too_many_unpaid:
      'Aus deinem Netzwerk sind schon viele Reservierungen noch nicht bezahlt. Bezahle oder storniere eine davon, oder versuche es in ein paar Minuten noch einmal.',
    invalid: 'Bitte prüfe die Felder unten.',
    overloaded:
      'Gerade ist sehr viel los. Es wurde nichts bestellt. Versuche es in ein paar Sekunden noch einmal.',
    outcome_unknown:
      'Noch ist unklar, ob das geklappt hat. Sende das Formular noch einmal ab. Dabei wird nichts doppelt bestellt.',
    no_provider:
      'Für diesen Artikel ist zurzeit keine Zahlung möglich. Es wurde nichts reserviert und nichts abgebucht.',
    other: 'Das hat nicht geklappt, und es wurde nichts abgebucht. Versuche es noch einmal.',
  },
  fields: {
    email: 'Gib eine E-Mail-Adresse ein.',
    sku: 'Wähle einen Artikel.',
    quantity: 'Gib eine ganze Zahl von 1 bis % ein.',
    name: 'Gib deinen Namen ohne Zeilenumbrüche und Steuerzeichen ein, oder lass das Feld leer.',
  },
};
