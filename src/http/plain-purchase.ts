/**
 * Recognizes the usual body of a purchase of one item, because checking it by its schema costs much
 * more.
 */
import { isPlainLine, isPlainText } from '../domain/visible-text.ts';
import {
  ADDRESS_CHARACTERS_MAX,
  EMAIL_CHARACTERS_MAX,
  NAME_CHARACTERS_MAX,
  QUANTITY_PER_ORDER_MAX,
  SKU_CHARACTERS_MAX,
  SLUG_CHARACTERS_MAX,
} from '../limits.ts';
import type { PurchaseBody } from './purchase-body.ts';

/** What `v.rfcEmail` accepts, in lower case. */
const plainEmail =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

type Fields = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isShort = (value: unknown, max: number): value is string =>
  typeof value === 'string' && value.length <= max;
const isLine =
  (max: number): Rule =>
  (value) =>
    isShort(value, max) && isPlainLine(value);

const customerRules: Readonly<Record<string, Rule>> = {
  email: (value) => isShort(value, EMAIL_CHARACTERS_MAX) && plainEmail.test(value),
  name: isLine(NAME_CHARACTERS_MAX),
  address: (value) => isShort(value, ADDRESS_CHARACTERS_MAX) && isPlainText(value),
};
const unitRules: Readonly<Record<string, Rule>> = {
  sku: isLine(SKU_CHARACTERS_MAX),
  quantity: (value) =>
    Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= QUANTITY_PER_ORDER_MAX,
};
const bodyRules: Readonly<Record<string, Rule>> = {
  dropId: isLine(SLUG_CHARACTERS_MAX),
  ...unitRules,
  customer: (value) => isObject(value) && 'email' in value && follows(value, customerRules),
};

/** Whether every field has a rule and follows it. */
function follows(fields: Fields, rules: Readonly<Record<string, Rule>>): boolean {
  for (const name in fields) {
    if (!Object.hasOwn(rules, name) || !rules[name]?.(fields[name])) return false;
  }
  return true;
}

/**
 * True: the schema accepts this JSON value and leaves it unchanged. False: unknown, so the schema
 * must decide.
 */
export const isPlainPurchase = (value: unknown): value is PurchaseBody =>
  isObject(value) &&
  'dropId' in value &&
  'quantity' in value &&
  'customer' in value &&
  follows(value, bodyRules);
