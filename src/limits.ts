/** Every limit with its unit, and the relations between them. */

import { ADDRESS_LINK_MAILS_MAX } from './domain/client-limits.ts';
import {
  DEFERRED_CONCURRENCY,
  DELIVERY_CONCURRENCY,
  DELIVERY_OPEN_EVENTS_MAX,
  DELIVERY_PAGE_EVENTS,
  DELIVERY_WINDOW_EVENTS,
  RECIPIENT_MAILS_MAX,
} from './domain/delivery-limits.ts';

export const BODY_BYTES_MAX = 64 * 1024;
/** How long the key of an operator's write is stored. */
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
/** Minimum strength of these secrets, by `guessingBits`; random hex has far more. */
export const SECRET_KEY_BITS_MIN = 72;
export const ADMIN_TOKEN_BITS_MIN = 28;
export const OPERATOR_NAME_CHARACTERS_MAX = 40;
/** Length of the URL opened after the sign-in; escaped, it must fit into a request's head. */
export const SIGN_IN_RETURN_CHARACTERS_MAX = 2_000;
export const ITEMS_PER_DROP_MAX = 100;
/** Units of all items of an order. */
export const QUANTITY_PER_ORDER_MAX = 100;
export const ITEMS_PER_ORDER_MAX = 20;
export const UNITS_PER_ITEM_MAX = 100_000_000;
export const PRICE_MINOR_UNITS_MAX = 10_000_000_000;
/** The largest total of an order. */
export const ORDER_MINOR_UNITS_MAX = QUANTITY_PER_ORDER_MAX * PRICE_MINOR_UNITS_MAX;
export const HOLD_SECONDS_MAX = 86_400;
/** Bytes of a character in a form: 3 in UTF-8, percent-encoded; 4-byte ones count as two. */
const FORM_BYTES_PER_CHARACTER = 9;
/**
 * A form of the dashboard, for operators only: the texts of the largest drop, each sent twice, as
 * typed and as first shown. Counting skus, which are ASCII, like other text leaves space for
 * amounts, times and field names.
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
/** Orders of a drop that an operator can list within the window before the log records it. */
export const LISTED_ORDERS_MAX = 200;
export const LISTED_ORDERS_WINDOW_MS = 3_600_000;
/** Windows, by operator and drop, that one thread or object keeps. */
export const LISTED_ORDERS_OPERATORS_MAX = 1_000;
/** Orders that a list reads before it yields to others: some milliseconds. */
export const LISTED_ORDERS_SCANNED = 10_000;

/** Orders in one e-mail with links, newest first. */
export const MAIL_ORDERS_MAX = 50;
/** How long an operator's session in a browser lasts. */
export const SESSION_SECONDS = 43_200;

/** Holds that one sweep command releases: small enough to share a commit with purchases. */
export const RELEASE_SWEEP_ORDERS = 500;
/** Holds that a purchase may release itself when stock is short: one unit each would be enough. */
export const RELEASE_IN_HOLD_ORDERS = 100;
/** How long an expired hold may wait for the sweep. */
export const RELEASE_SWEEP_INTERVAL_MS = 200;

/** Failed requests logged within FAILURE_LOG_WINDOW_MS, per kind, and kinds; others are counted. */
export const FAILURE_LINES_MAX = 5;
export const FAILURE_LOG_KINDS_MAX = 50;
export const FAILURE_LOG_WINDOW_MS = 60_000;

/** How often the system clock is compared with a monotonic one, and what counts as a jump. */
export const CLOCK_POLL_MS = 1_000;
export const CLOCK_JUMP_MS = 2_000;

/** Audits and exports at the same time in one HTTP thread: each takes a core while it runs. */
export const LONG_READS_MAX = 2;
/** How long an export may wait for a client that reads nothing before it is ended. */
export const LONG_READ_IDLE_MS = 60_000;
/** How long the counts of all orders by status are cached. */
export const TALLIES_AGE_MS = 30_000;
/** How long a scrape is cached for all clients, because each takes milliseconds. */
export const METRICS_AGE_MS = 250;
/** How long a scrape waits for the counts of the other HTTP threads. */
export const OTHER_METRICS_MS = 250;
/** How long a stop waits for the last traces to be sent. */
export const TRACES_STOP_MS = 1_000;

/** Timeout of a request to a payment provider. */
export const PROVIDER_TIMEOUT_MS = 10_000;
/** How far the time in a webhook's signature may differ from ours, in either direction. */
export const WEBHOOK_AGE_MAX_MS = 300_000;

/** Length of an operator's note on a refund that they made by hand. */
export const REFUND_NOTE_CHARACTERS_MAX = 300;

/** How often due refunds are polled, and how many are sent concurrently. */
export const REFUND_INTERVAL_MS = 500;
export const REFUND_CONCURRENCY = 8;
/** Waits between the attempts of a refund: more than a day in total, then it fails. */
export const REFUND_BACKOFF_FIRST_MS = 1_000;
export const REFUND_BACKOFF_MAX_MS = 3_600_000;
export const REFUND_ATTEMPTS_MAX = 48;

/** How long an ended checkout without a final payment is queried: bank debits can take weeks. */
export const CHECKOUT_PENDING_MAX_MS = 90 * 24 * 3_600_000;
/** The same for a checkout unknown to its provider, or whose provider is not configured. */
export const CHECKOUT_UNASKABLE_MAX_MS = 30 * 24 * 3_600_000;

/** Checkouts that one reconciliation reads per page, and queries concurrently. */
export const RECONCILE_PAGE_CHECKOUTS = 100;
export const RECONCILE_CONCURRENCY = 4;
/** Age of queried disputes and refunds: cardholders have 120 days to dispute a payment. */
export const RECONCILE_MOVEMENTS_AGE_MS = 120 * 24 * 3_600_000;
/** Disputes and refunds read from one provider: 100 pages of 100, within 1,000 requests. */
export const RECONCILE_MOVEMENTS_MAX = 10_000;
/** Older open disputes that it queries one by one, oldest first. */
export const RECONCILE_DISPUTES_MAX = 100;

/** Maximum age of what Workers serve and refuse by: a drop's page, the list, and sold-out items. */
export const PUBLISHED_AGE_MS = 1_000;
/** Up to this many orders, a drop publishes which keys have one, with 10 bits for each. */
export const PUBLISHED_KEYS_MAX = 100_000;
/** How long changes of a drop are gathered before its catalogue entry is written. */
export const CATALOGUE_DELAY_MS = 500;
/** Waits between attempts to write it while the catalogue refuses. */
export const CATALOGUE_BACKOFF_FIRST_MS = 500;
export const CATALOGUE_BACKOFF_MAX_MS = 60_000;
/** How long an operator's answer may wait until the catalogue has the change. */
export const CATALOGUE_WAIT_MS = 2_000;
/** How long one alarm may work before it sets the next one. */
export const ALARM_WORK_MAX_MS = 20_000;
/** How late an alarm may be before it counts as lost; its work may take some time. */
export const ALARM_LATE_MS = 30_000;
/** Pause of background work after the database refuses a command, because a retry would fail. */
export const FAILED_COMMAND_REST_MS = 10_000;

/** How soon work that an alarm could not finish is retried. */
export const ALARM_RETRY_MS = 1_000;
/** How soon units meant for another shard are offered to it again. */
export const SHARD_OFFER_MS = 3_000;
/** How long a shard assumes that no other shard has units of an item. */
export const SHARD_EMPTY_MS = 200;
/** Attempts to send an idempotent request to a moved or restarted object, and the first wait. */
export const OBJECT_ATTEMPTS_MAX = 3;
export const OBJECT_RETRY_FIRST_MS = 100;
/** Listeners to the stock of one drop at the edge; the platform's own limit is 32,768. */
export const EDGE_LISTENERS_MAX = 30_000;
/** Size of an imported drop's file: an isolate has 128 MB, and needs about nine times as much. */
export const IMPORT_BYTES_MAX = 12 * 1024 * 1024;
/** Live stock is sent at most this often. */
export const STOCK_INTERVAL_MS = 100;
/** Messages a second to all listeners of a drop together: beyond, each gets them less often, … */
export const STOCK_MESSAGES_PER_SECOND = 10_000;
/** … but at least once in this time. */
export const STOCK_INTERVAL_MAX_MS = 1_000;
export const STOCK_HEARTBEAT_MS = 15_000;
/** Listeners of one process, or of one HTTP thread if there are several. */
export const LISTENERS_MAX = 20_000;
/** Listeners of one address, per process (or HTTP thread) and per object: enough for a school. */
export const ADDRESS_LISTENERS_MAX = 500;
/** Listeners that get a message in one turn of the event loop. */
export const LISTENERS_PER_TURN = 50;
/** Messages that may wait for a listener before it counts as too slow. */
export const LISTENER_QUEUE_MESSAGES = 16;

/** Timeout of a receiver of our webhooks. */
export const WEBHOOK_TIMEOUT_MS = 10_000;
/** Timeout of each step with a mail server, and the number of connections to it. */
export const MAIL_TIMEOUT_MS = 15_000;
export const MAIL_CONNECTIONS_MAX = 4;
/** Minimum time between two e-mails about the same drop being sold out. */
export const SOLD_OUT_MAIL_INTERVAL_MS = 900_000;

/** Orders that an export reads at a time: bounds its memory, and how long it blocks a core. */
export const EXPORT_PAGE_ORDERS = 200;

/** Disk space that a backup leaves free, because the writer continues while it is made. */
export const BACKUP_SPARE_BYTES = 32 * 1024 * 1024;
/** How often SQLite's progress with a copy is polled. */
export const BACKUP_POLL_MS = 200;
/** Most backups that can be kept. */
export const BACKUP_KEEP_MAX = 10_000;

/** More threads would only wait for the single writer. */
export const HTTP_THREADS_MAX = 16;

/** When a server warms up after its start and how long, with how many connections and holds. */
export const WARM_UP_AFTER_MS = 100;
export const WARM_UP_MS = 1_500;
// A buyer's request waits for one request of each.
export const WARM_UP_CONNECTIONS = 4;
/** After so many requests of buyers a warm-up ends: they compile the same code. */
export const WARM_UP_UNTIL_REQUESTS = 200;
export const WARM_UP_HOLDS = 1_500;
/** Holds in one transaction of the writer's warm-up, for which a real batch may wait. */
export const WARM_UP_HOLDS_AT_ONCE = 25;

/** Each step of a graceful stop has its own deadline. */
export const STOP_REQUESTS_DEADLINE_MS = 10_000;
export const STOP_WRITER_DEADLINE_MS = 10_000;
/** After a fatal error: time for pending answers to leave. */
export const FAULT_EXIT_DELAY_MS = 250;

const relations: readonly [holds: boolean, reason: string][] = [
  [
    ORDER_MINOR_UNITS_MAX <= Number.MAX_SAFE_INTEGER,
    'The total of the largest order must be an exact integer.',
  ],
  [
    ADDRESS_LISTENERS_MAX * 10 <= Math.min(LISTENERS_MAX, EDGE_LISTENERS_MAX),
    'A few addresses must not use up all listeners.',
  ],
  [
    BODY_BYTES_MAX <= DASHBOARD_FORM_BYTES_MAX,
    'The limit of an operator’s form must not be below that of other bodies.',
  ],
  [RELEASE_IN_HOLD_ORDERS <= RELEASE_SWEEP_ORDERS, 'A purchase must not release more than a sweep does.'],
  [
    RELEASE_IN_HOLD_ORDERS >= QUANTITY_PER_ORDER_MAX,
    'A purchase must be able to release enough units for itself.',
  ],
  [
    DELIVERY_CONCURRENCY <= DELIVERY_OPEN_EVENTS_MAX &&
      DELIVERY_OPEN_EVENTS_MAX + DELIVERY_PAGE_EVENTS <= DELIVERY_WINDOW_EVENTS,
    'Failing events must leave capacity for the others.',
  ],
  [DEFERRED_CONCURRENCY * 4 <= DELIVERY_CONCURRENCY, 'Recipients that refuse must not delay the others.'],
  [
    2 * ADDRESS_LINK_MAILS_MAX < RECIPIENT_MAILS_MAX.links,
    'Two addresses must not use up a customer’s allowance of e-mails with links.',
  ],
  [ALARM_WORK_MAX_MS < ALARM_LATE_MS, 'An alarm that is still working must not count as lost.'],
  [PAGE_ORDERS_DEFAULT <= PAGE_ORDERS_MAX, 'The default page size must not exceed the maximum.'],
];

/** Throws with the reason if two limits contradict each other. */
export function assertLimits(): void {
  for (const [holds, reason] of relations) if (!holds) throw new Error(reason);
}
