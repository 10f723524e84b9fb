/** Keeps a refused form in a cookie until the page is shown again: its values and the reason. */
import * as v from 'valibot';
import { EMAIL_CHARACTERS_MAX, NAME_CHARACTERS_MAX, SKU_CHARACTERS_MAX } from '../limits.ts';
import type { Attempt } from '../pages/drop-page.ts';

export const refusals = [
  'sold_out',
  'limit_reached',
  'not_started',
  'ended',
  'paused',
  'key_reused',
  'no_provider',
  'rate_limited',
  'too_many_unpaid',
  'invalid',
  'overloaded',
  'outcome_unknown',
  'other',
] as const;
export const attemptFields = ['email', 'name', 'sku', 'quantity'] as const;
const kept = v.object({
  refusal: v.picklist(refusals),
  fields: v.array(v.picklist(attemptFields)),
  sku: v.string(),
  quantity: v.string(),
  email: v.string(),
  name: v.string(),
});

const QUANTITY_CHARACTERS = 10;

/** Fits the 4 KB that browsers keep: values longer than their field allows are cut. */
export const encodeAttempt = (attempt: Attempt): string =>
  Buffer.from(
    JSON.stringify({
      refusal: attempt.refusal,
      fields: [...attempt.fields],
      sku: attempt.sku.slice(0, SKU_CHARACTERS_MAX),
      quantity: attempt.quantity.slice(0, QUANTITY_CHARACTERS),
      email: attempt.email.slice(0, EMAIL_CHARACTERS_MAX),
      name: attempt.name.slice(0, NAME_CHARACTERS_MAX),
    }),
  ).toString('base64url');

/** Null if the cookie holds no form. Unsigned, because only its own browser sees the values. */
export function decodeAttempt(cookie: string | undefined): Attempt | null {
  if (cookie === undefined) return null;
  try {
    const read = v.safeParse(kept, JSON.parse(Buffer.from(cookie, 'base64url').toString()));
    return read.success ? { ...read.output, fields: new Set(read.output.fields) } : null;
  } catch {
    return null;
  }
}
