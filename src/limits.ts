/** Every bound of the house with its unit, and the relations between them that must hold. */

import { ADDRESS_LETTERS_MAX } from './domain/client-limits.ts';
import {
  FOLLOW_CONCURRENCY,
  FOLLOW_LEAD_EVENTS,
  FOLLOW_OPEN_EVENTS,
  FOLLOW_PAGE_EVENTS,
  LATE_CONCURRENCY,
  LETTERS_MAX,
} from './domain/delivery-limits.ts';

export const BODY_BYTES_MAX = 64 * 1024;
/** How long the key of an operator's write is remembered. */
export const OPERATOR_KEY_AGE_MS = 24 * 3_600_000;
export const EMAIL_CHARACTERS_MAX = 254;
export const NAME_CHARACTERS_MAX = 200;
export const ADDRESS_CHARACTERS_MAX = 1_000;
export const TITLE_CHARACTERS_MAX = 200;
export const DESCRIPTION_CHARACTERS_MAX = 5_000;
export const URL_CHARACTERS_MAX = 2_000;
export const SLUG_CHARACTERS_MAX = 64;
export const SKU_CHARACTERS_MAX = 64;
export const TRACKING_CODE_CHARACTERS_MAX = 100;
export const ADMIN_TOKEN_CHARACTERS_MAX = 1_000;
/** The least strength of these secrets, by `guessingBits`: 32 and 16 random hex digits have far more. */
export const SECRET_KEY_BITS_MIN = 72;
export const ADMIN_TOKEN_BITS_MIN = 28;
export const OPERATOR_NAME_CHARACTERS_MAX = 40;
/** Of the address that an operator returns to after the sign-in: escaped, it must fit into a request's head. */
export const SIGN_IN_RETURN_CHARACTERS_MAX = 2_000;
export const ITEMS_PER_DROP_MAX = 100;
export const QUANTITY_PER_ORDER_MAX = 100;
export const UNITS_PER_ITEM_MAX = 100_000_000;
export const PRICE_MINOR_UNITS_MAX = 10_000_000_000;
/** The largest total of an order. */
export const ORDER_MINOR_UNITS_MAX = QUANTITY_PER_ORDER_MAX * PRICE_MINOR_UNITS_MAX;
export const HOLD_SECONDS_MAX = 86_400;
/** What a character of text may take in a form: three bytes of UTF-8, percent-encoded. Those of four bytes count as two. */
const FORM_BYTES_PER_CHARACTER = 9;
/**
 * A form of the dashboard, for operators only: the words of the largest drop, each sent twice, as typed and as the form
 * began. Counting skus, which are ASCII, like any text leaves room for the amounts, the times and the names of the fields.
 */
export const DASHBOARD_FORM_BYTES_MAX =
  2 *
  FORM_BYTES_PER_CHARACTER *
  (TITLE_CHARACTERS_MAX +
    DESCRIPTION_CHARACTERS_MAX +
    URL_CHARACTERS_MAX +
    ITEMS_PER_DROP_MAX * (SKU_CHARACTERS_MAX + NAME_CHARACTERS_MAX));
export const PAGE_ORDERS_DEFAULT = 50;
export const PAGE_ORDERS_MAX = 200;
/** Different orders that an operator can list of a drop within the window before the log records it. */
export const LISTED_ORDERS_MAX = 200;
export const LISTED_ORDERS_WINDOW_MS = 3_600_000;
/** Operators, each with a drop, whose windows one thread or object keeps. */
export const LISTED_ORDERS_OPERATORS_MAX = 1_000;
/** Orders that a list looks at before it lets others in: some milliseconds. */
export const LISTED_ORDERS_LOOKED_AT = 10_000;

/** Orders in one letter with links, the newest first. */
export const LETTER_ORDERS_MAX = 50;
/** How long an operator's session in a browser lasts. */
export const SESSION_SECONDS = 43_200;

/** Holds that one sweep command releases: small enough to share a commit with purchases. */
export const RELEASE_SWEEP_ORDERS = 500;
/** Holds that a purchase may release on its own way when stock is short: one unit each would be enough. */
export const RELEASE_IN_HOLD_ORDERS = 100;
/** How long a hold that is over may wait for the sweep. */
export const RELEASE_SWEEP_INTERVAL_MS = 200;

/** Failed requests that are logged within FAILURE_LOG_WINDOW_MS: of each kind, and kinds. The others are counted. */
export const FAILURE_LINES_MAX = 5;
export const FAILURE_LOG_KINDS_MAX = 50;
export const FAILURE_LOG_WINDOW_MS = 60_000;

/** How often the machine's clock is compared with one that never jumps, and what counts as a jump. */
export const CLOCK_LOOK_MS = 1_000;
export const CLOCK_JUMP_MS = 2_000;

/** How long a count of all orders by status is told again before they are counted anew. */
export const TALLIES_AGE_MS = 30_000;
/** How long a scrape is answered again to all who ask, because each takes milliseconds. */
export const METRICS_AGE_MS = 250;
/** How long a scrape waits for what the other HTTP threads have counted. */
export const OTHER_METRICS_MS = 250;
/** How long a stop waits for the last traces to be sent. */
export const TRACES_STOP_MS = 1_000;

/** How long a payment provider may take for an answer. */
export const PROVIDER_TIMEOUT_MS = 10_000;
/** How far the time in a webhook's signature may lie from ours, in the past and in the future. */
export const WEBHOOK_AGE_MAX_MS = 300_000;

/** Length of an operator's note on a refund that they made by hand. */
export const REFUND_NOTE_CHARACTERS_MAX = 300;

/** How often the refunds that are due are looked for, and how many are under way at the same time. */
export const REFUND_INTERVAL_MS = 500;
export const REFUND_CONCURRENCY = 8;
/** Waits between the attempts of a refund: together more than a day, then it is given up and an operator must look. */
export const REFUND_BACKOFF_FIRST_MS = 1_000;
export const REFUND_BACKOFF_MAX_MS = 3_600_000;
export const REFUND_ATTEMPTS_MAX = 48;

/** How long after its end a checkout is asked about whose payment never comes to an end: slow bank debits take weeks. */
export const CHECKOUT_PENDING_MAX_MS = 90 * 24 * 3_600_000;
/** The same of a checkout that its provider does not know, or whose provider is not configured any more. */
export const CHECKOUT_UNASKABLE_MAX_MS = 30 * 24 * 3_600_000;

/** Checkouts that one reconciliation reads at a time, and asks about at the same time. */
export const RECONCILE_PAGE_CHECKOUTS = 100;
export const RECONCILE_CONCURRENCY = 4;
/** How far back a reconciliation asks about disputes and refunds: cardholders have 120 days to dispute a payment. */
export const RECONCILE_MOVEMENTS_AGE_MS = 120 * 24 * 3_600_000;
/** Disputes and refunds that a reconciliation reads from one provider: 100 pages of 100, within a Worker's 1,000 requests. */
export const RECONCILE_MOVEMENTS_MAX = 10_000;
/** Open disputes, the oldest first, that it asks about one by one where they are older than that. */
export const RECONCILE_DISPUTES_MAX = 100;

/** How old what a Worker serves and refuses by may be: a drop's page, the list, and what is sold out. */
export const PUBLISHED_AGE_MS = 1_000;
/** Orders up to which a drop publishes which keys have one (10 bits each); beyond, every refusal is asked of the object. */
export const PUBLISHED_KEYS_MAX = 100_000;
/** How long changes of a drop are gathered before its catalogue entry is written. */
export const CATALOGUE_DELAY_MS = 500;
/** Waits between attempts to write it while the catalogue refuses. */
export const CATALOGUE_BACKOFF_FIRST_MS = 500;
export const CATALOGUE_BACKOFF_MAX_MS = 60_000;
/** How long an operator's answer may wait for the catalogue to know of his change. */
export const CATALOGUE_WAIT_MS = 2_000;
/** How long one alarm may work before it sets the next one. */
export const ALARM_WORK_MAX_MS = 20_000;
/** How late an alarm may be before it is taken for lost; its work may take its time. */
export const ALARM_LATE_MS = 30_000;
/** How long background work pauses after the database has refused one of its commands: an immediate retry would fail too. */
export const FAILED_COMMAND_REST_MS = 10_000;

/** How soon work that an alarm could not end is looked at again. */
export const ALARM_RETRY_MS = 1_000;
/** How soon units that another shard should have are offered to it again. */
export const SHARD_OFFER_MS = 3_000;
/** How long a shard believes that no other shard has units of an item. */
export const SHARD_EMPTY_MS = 200;
/** Times that a Worker sends an idempotent request to an object that the platform moves or restarts, and the first wait between two. */
export const OBJECT_ATTEMPTS_MAX = 3;
export const OBJECT_RETRY_FIRST_MS = 100;
/** Listeners to the stock of one drop at the edge; the platform's own bound is 32,768. */
export const EDGE_LISTENERS_MAX = 30_000;
/** Bytes of a drop's file that the edge imports: an isolate has 128 MB, and needs about nine times the size of the file. */
export const IMPORT_BYTES_MAX = 12 * 1024 * 1024;
/** Live stock is sent at most this often. */
export const STOCK_INTERVAL_MS = 100;
/** Messages a second to all listeners of a drop together: beyond, each hears less often, … */
export const STOCK_MESSAGES_PER_SECOND = 10_000;
/** … but never less often than this. */
export const STOCK_INTERVAL_MAX_MS = 1_000;
export const STOCK_HEARTBEAT_MS = 15_000;
/** Listeners of one process, and of one HTTP thread where there are several. */
export const LISTENERS_MAX = 20_000;
/** Listeners of one address, of one process (or HTTP thread) and of one object: a school's, but not a stranger's whole server. */
export const ADDRESS_LISTENERS_MAX = 500;
/** Listeners that are told in one turn of the event loop. */
export const LISTENERS_PER_TURN = 50;
/** Messages that may wait for a listener before he counts as too slow. */
export const LISTENER_QUEUE_MESSAGES = 16;

/** How long a receiver of our webhooks may take for an answer. */
export const WEBHOOK_TIMEOUT_MS = 10_000;
/** How long a mail server may take for each step, and connections to it. */
export const MAIL_TIMEOUT_MS = 15_000;
export const MAIL_CONNECTIONS_MAX = 4;
/** Between two letters that say that the same drop is sold out. */
export const SOLD_OUT_MAIL_INTERVAL_MS = 900_000;

/** Orders that an export reads and writes at a time: its memory, and how long it keeps a core without a pause. */
export const EXPORT_PAGE_ORDERS = 200;

/** What a backup leaves free on its disk: the writer must go on while the copy is made. */
export const BACKUP_SPARE_BYTES = 32 * 1024 * 1024;
/** How often it is looked how far SQLite has come with a copy. */
export const BACKUP_LOOK_MS = 200;
/** Backups that may be kept. */
export const BACKUP_KEEP_MAX = 10_000;

/** More would only wait for each other: the writer is one. */
export const HTTP_THREADS_MAX = 16;

/** How long a server may run its hot paths before it says that it listens, and how many holds its writer rehearses. */
export const WARM_UP_MS = 1_500;
export const WARM_UP_CONNECTIONS = 64;
export const WARM_UP_HOLDS = 1_500;

/** Each step of a graceful stop has its own deadline. */
export const STOP_REQUESTS_DEADLINE_MS = 10_000;
export const STOP_WRITER_DEADLINE_MS = 10_000;
/** After a fault: time for the answers in flight to leave. */
export const FAULT_EXIT_DELAY_MS = 250;

const relations: readonly [holds: boolean, reason: string][] = [
  [
    ORDER_MINOR_UNITS_MAX <= Number.MAX_SAFE_INTEGER,
    'The total of the dearest order must be an exact integer.',
  ],
  [
    ADDRESS_LISTENERS_MAX * 10 <= Math.min(LISTENERS_MAX, EDGE_LISTENERS_MAX),
    'A few addresses must not take every place of a listener.',
  ],
  [BODY_BYTES_MAX <= DASHBOARD_FORM_BYTES_MAX, 'An operator’s form must not be smaller than a stranger’s.'],
  [RELEASE_IN_HOLD_ORDERS <= RELEASE_SWEEP_ORDERS, 'A purchase must not release more than a sweep does.'],
  [RELEASE_IN_HOLD_ORDERS >= QUANTITY_PER_ORDER_MAX, 'What a purchase releases must be enough for it.'],
  [
    FOLLOW_CONCURRENCY <= FOLLOW_OPEN_EVENTS && FOLLOW_OPEN_EVENTS + FOLLOW_PAGE_EVENTS <= FOLLOW_LEAD_EVENTS,
    'Events that fail must leave room for those that do not.',
  ],
  [LATE_CONCURRENCY * 4 <= FOLLOW_CONCURRENCY, 'Recipients that refuse must not delay those that do not.'],
  [
    2 * ADDRESS_LETTERS_MAX < LETTERS_MAX.links,
    'Two addresses must not use up what brings a customer their links.',
  ],
  [ALARM_WORK_MAX_MS < ALARM_LATE_MS, 'An alarm that still works is not lost.'],
  [PAGE_ORDERS_DEFAULT <= PAGE_ORDERS_MAX, 'The default page must be a legal page.'],
];

/** Throws with the reason where two bounds contradict each other. */
export function assertLimits(): void {
  for (const [holds, reason] of relations) if (!holds) throw new Error(reason);
}
