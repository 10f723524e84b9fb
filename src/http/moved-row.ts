/** Validates rows of a drop's file by the API's rules, or older rules for uneditable values. */
import * as v from 'valibot';
import type { MovedTable } from '../database/move/drop-file.ts';
import type { SqlValue } from '../database/row-source.ts';
import { disputeStatuses, refundReasons, releaseReasons } from '../domain/order.ts';
import { providerNames } from '../domain/provider.ts';
import { SHARD_IDS_MAX } from '../domain/shard.ts';
import {
  ADDRESS_CHARACTERS_MAX,
  ITEMS_PER_ORDER_MAX,
  NAME_CHARACTERS_MAX,
  QUANTITY_PER_ORDER_MAX,
  REFUND_NOTE_CHARACTERS_MAX,
  TRACKING_CODE_CHARACTERS_MAX,
  UNITS_PER_ITEM_MAX,
} from '../limits.ts';
import { isClosedCheckoutUrl } from '../payments/closed-checkout.ts';
import { newDropBody } from './drop-bodies.ts';
import { customer, storedLine, storedLines, storedTime, wholeNumber } from './schema.ts';

/** A value that passes the field's schema unchanged. */
const kept = (field: v.GenericSchema) =>
  v.pipe(
    v.unknown(),
    v.rawCheck(({ dataset, addIssue }) => {
      const { success, output, issues } = v.safeParse(field, dataset.value);
      if (!success) addIssue({ message: issues[0].message });
      else if (output !== dataset.value)
        addIssue({ message: 'Must be in the normal form that the API stores.' });
    }),
  );
const orNull = (schema: v.GenericSchema) => v.nullable(schema);
const matching = (pattern: RegExp, rule: string) => v.pipe(v.string(rule), v.regex(pattern, rule));
const keptOrNull = (field: v.GenericSchema) => orNull(kept(field));

const key = wholeNumber(1, 2 ** 48 - 1);
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const flag = wholeNumber(0, 1);
const word = matching(/^[ -~]{1,255}$/, 'Must be 1 to 255 visible ASCII characters.');
/** A provider's reference, as the port accepts it (payments/answer.ts), with our prefix. */
const reference = matching(/^[^\p{Cc}]{1,300}$/u, 'Must be 1 to 300 characters, without control characters.');
const keyedHash = matching(/^[\w-]{16}$/, 'Must be a keyed hash.');
/** E.164; older versions checked less. */
const phone = matching(/^\+[1-9]\d{3,16}$/, 'Must be a phone number in international form.');
const currency = matching(/^[A-Z]{3}$/, 'Must be a currency code.');
const amount = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const provider = v.picklist(providerNames, 'Must be a payment provider.');
const isJson = (text: string): boolean => v.safeParse(v.pipe(v.string(), v.parseJson()), text).success;
const json = v.pipe(v.string(), v.check(isJson, 'Must be JSON.'));
const failedReferences = v.pipe(v.string(), v.parseJson(), v.array(reference));
const status = (...names: readonly string[]) =>
  v.picklist(names, `Must be one of ${names.join(', ')} because only final states can move.`);

const drop = newDropBody.entries;
const item = drop.items.item.entries;
const orderItems = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.strictTuple([key, wholeNumber(1, QUANTITY_PER_ORDER_MAX), kept(item.price)])),
  v.minLength(1),
  v.maxLength(ITEMS_PER_ORDER_MAX),
);

const rows: Readonly<Record<MovedTable, v.GenericSchema>> = {
  drops: v.strictObject({
    id: wholeNumber(1, 2 ** 32 - 1),
    slug: kept(drop.slug),
    title: kept(drop.title),
    description: kept(drop.description),
    image_url: kept(drop.imageUrl),
    currency: kept(drop.currency),
    per_customer: kept(drop.perCustomer),
    starts_at: storedTime,
    ends_at: orNull(storedTime),
    hold_seconds: kept(drop.holdSeconds),
    published: flag,
    paused: flag,
    moved_at: v.null(),
    created_at: storedTime,
  }),
  items: v.strictObject({
    id: key,
    drop_id: key,
    sku: kept(item.sku),
    name: kept(item.name),
    price: kept(item.price),
    stock: kept(item.stock),
    held: wholeNumber(0, 0),
    sold: wholeNumber(0, UNITS_PER_ITEM_MAX),
  }),
  orders: v.strictObject({
    id: key,
    drop_id: key,
    items: orderItems,
    units: wholeNumber(1, QUANTITY_PER_ORDER_MAX),
    total: amount,
    status: status('paid', 'fulfilled', 'released', 'refunding', 'refunded'),
    release_reason: orNull(v.picklist(releaseReasons)),
    customer: keyedHash,
    customer_phone: orNull(keyedHash),
    // A keyed hash after its prefix, or the plain key from an older version.
    idempotency_key: orNull(word),
    fingerprint: keyedHash,
    email: keptOrNull(customer.entries.email),
    // An order's texts cannot be edited, so texts from older versions move unchanged.
    name: orNull(storedLine(NAME_CHARACTERS_MAX)),
    phone: orNull(phone),
    address: orNull(storedLines(ADDRESS_CHARACTERS_MAX)),
    created_at: storedTime,
    hold_expires_at: storedTime,
    tracking_code: orNull(storedLine(TRACKING_CODE_CHARACTERS_MAX)),
    dispute: orNull(v.picklist(disputeStatuses)),
  }),
  payments: v.strictObject({
    id: key,
    order_id: key,
    provider,
    event_id: reference,
    reference,
    status: status('paid', 'declined'),
    amount,
    currency,
    created_at: storedTime,
  }),
  refunds: v.pipe(
    v.strictObject({
      id: key,
      payment_id: key,
      reference: orNull(reference),
      failed_references: failedReferences,
      status: status('sent', 'failed', 'settled'),
      reason: v.picklist(refundReasons),
      amount,
      currency,
      attempts: count,
      series_start: count,
      next_attempt_at: storedTime,
      created_at: storedTime,
      sent_at: orNull(storedTime),
      last_error: orNull(reference),
      key_number: count,
      key_shard_id: wholeNumber(0, SHARD_IDS_MAX - 1),
      note: orNull(storedLine(REFUND_NOTE_CHARACTERS_MAX)),
    }),
    v.check(
      ({ attempts, series_start, key_number }) => series_start <= attempts && key_number <= attempts,
      'Must not exceed the number of attempts.',
    ),
  ),
  disputes: v.strictObject({
    id: key,
    payment_id: key,
    provider,
    reference,
    status: v.picklist(disputeStatuses),
    reason: reference,
    amount,
    currency,
    opened_at: storedTime,
    closed_at: orNull(storedTime),
  }),
  early_movements: v.strictObject({
    id: key,
    provider,
    payment_reference: reference,
    report: json,
    created_at: storedTime,
  }),
  checkouts: v.strictObject({
    id: key,
    order_id: key,
    provider,
    reference,
    url: v.pipe(v.string(), v.check(isClosedCheckoutUrl, 'Must be an https address.')),
    expires_at: storedTime,
    created_at: storedTime,
    closed_at: storedTime,
  }),
  generations: v.strictObject({
    first_key: key,
    first_seq: key,
    bits: wholeNumber(0, 2 ** 24 - 1),
  }),
  events: v.strictObject({
    seq: key,
    at: storedTime,
    kind: matching(/^[a-z_]{1,40}$/, 'Must be a kind of event.'),
    actor: word,
    drop_id: key,
    item_id: orNull(key),
    order_id: orNull(key),
    quantity: orNull(wholeNumber(-UNITS_PER_ITEM_MAX, Number.MAX_SAFE_INTEGER)),
    amount: orNull(amount),
    currency: orNull(currency),
    detail: orNull(json),
  }),
  links: v.strictObject({ last_seq: key, hash: matching(/^[\da-f]{64}$/, 'Must be a hash.') }),
};

/** The first rule that a row breaks, after its column; null if none. Never contains the value. */
export function brokenRule(table: MovedTable, row: Readonly<Record<string, SqlValue>>): string | null {
  const { success, issues } = v.safeParse(rows[table], row);
  if (success) return null;
  const [issue] = issues;
  // Valibot's own messages quote the value.
  const rule = issue.message.startsWith('Invalid ') ? 'Must have a valid value.' : issue.message;
  return `${v.getDotPath(issue) ?? table}: ${rule}`;
}
