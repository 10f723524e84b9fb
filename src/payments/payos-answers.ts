/**
 * The fields of payOS's objects that Stampede uses, as its API documents them: payos.vn/docs/api.
 */
import * as v from 'valibot';
import { amount, payUrl, reference, word } from './answer.ts';

const orderCode = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A new payment link. */
export const openedLink = (apiBase: string | null) => v.object({ orderCode, checkoutUrl: payUrl(apiBase) });

/** A payment link, with the transfers received for it. */
export const link = v.object({
  // Part of the URL of the link's page.
  id: v.pipe(v.string(), v.regex(/^[\w-]{1,255}$/)),
  orderCode,
  amount,
  status: word,
  // Validated one by one.
  transactions: v.array(v.unknown()),
});

const transfer = v.object({
  reference,
  amount,
  description: v.nullish(v.string()),
  counterAccountBankId: v.nullish(v.string()),
  counterAccountNumber: v.nullish(v.string()),
});

export const payout = v.object({
  id: reference,
  /** Our refund's id, or that of other software. */
  referenceId: v.nullish(v.string(), null),
  approvalState: word,
  transactions: v.array(v.object({ amount, state: word })),
});

export type Payout = v.InferOutput<typeof payout>;
export type Transfer = v.InferOutput<typeof transfer>;

/** The readable transfers of a link. An unreadable one does not hide the others. */
export const readableTransfers = (transactions: readonly unknown[]): Transfer[] =>
  transactions.flatMap((transaction) => {
    const parsed = v.safeParse(transfer, transaction);
    return parsed.success ? [parsed.output] : [];
  });
