/** Refunds at payOS: a payout to the account that paid, unless an earlier attempt has made it. */
import type { PayOS } from '@payos/node';
import { readAnswer, readEach, type UnreadableAnswerError } from './answer.ts';
import {
  link as linkAnswer,
  type Payout,
  payout as payoutAnswer,
  readableTransfers,
  type Transfer,
} from './payos-answers.ts';
import { codeOf, isRefusal, refundResultOf } from './payos-errors.ts';
import type { RefundRequest, RefundResult, ReportedMovement } from './provider.ts';

const PAGE_PAYOUTS = 100;
/** Why a payout moved no money, by the final state of the payout or its transfer. */
const lostStates: Readonly<Record<string, string>> = {
  REJECTED: 'payout_cancelled',
  CANCELLED: 'payout_cancelled',
  FAILED: 'payout_failed',
  REVERSED: 'payout_reversed',
};

/** Null if the payout succeeded or may still succeed. */
const whyLost = ({ approvalState, transactions }: Payout): string | null =>
  [...transactions.map(({ state }) => state), approvalState]
    .map((state) => lostStates[state])
    .find((code) => code !== undefined) ?? null;

/** The result of earlier attempts; null if this one must make the payout. */
async function findRefund(payos: PayOS, { id, isKeyUsed }: RefundRequest): Promise<RefundResult | null> {
  let lost: string | null = null;
  // Iterates over all pages.
  for await (const answer of await payos.payouts.list({ referenceId: id, limit: PAGE_PAYOUTS })) {
    const payout = readAnswer(payoutAnswer, answer);
    if (payout.referenceId !== id) continue;
    lost = whyLost(payout);
    if (lost === null) return { kind: 'sent', reference: payout.id };
  }
  // With the same key, payOS may answer with the failed payout.
  return lost !== null && isKeyUsed ? { kind: 'rejected', code: lost, isKeySpent: true } : null;
}

/** The account that paid; undefined if the bank did not name it. */
async function payerOf(payos: PayOS, reference: string): Promise<Transfer | undefined> {
  const [orderCode = '', bankReference = ''] = reference.split(':');
  const link = readAnswer(linkAnswer, await payos.paymentRequests.get(Number(orderCode)));
  return readableTransfers(link.transactions).find((transaction) => transaction.reference === bankReference);
}

export async function refundAtPayos(payos: PayOS, request: RefundRequest): Promise<RefundResult> {
  const { id, key, reference, amount, isRepeated, isKeyUsed } = request;
  let payer: Transfer | undefined;
  try {
    const known = isRepeated ? await findRefund(payos, request) : null;
    if (known) return known;
    payer = await payerOf(payos, reference);
  } catch (error) {
    // The key is unused: only a query failed.
    return { kind: isRefusal(error) ? 'rejected' : 'retry', code: codeOf(error), isKeySpent: false };
  }
  if (!payer?.counterAccountBankId || !payer.counterAccountNumber) {
    return { kind: 'rejected', code: 'payer_account_unknown', isKeySpent: false };
  }
  try {
    const answer = await payos.payouts.create(
      {
        referenceId: id,
        amount,
        description: 'Refund',
        toBin: payer.counterAccountBankId,
        toAccountNumber: payer.counterAccountNumber,
        category: ['refund'],
      },
      key,
    );
    const payout = readAnswer(payoutAnswer, answer);
    const lost = whyLost(payout);
    return lost === null
      ? { kind: 'sent', reference: payout.id }
      : { kind: 'rejected', code: lost, isKeySpent: true };
  } catch (error) {
    return refundResultOf(error, isKeyUsed);
  }
}

/**
 * Every payout of a refund since a time, in its current state, because payOS sends no webhook if
 * one fails after it was accepted. Throws at the end if one of them could not be read.
 */
export async function* payoutsSince(
  payos: PayOS,
  since: number,
  now: number,
  currency: string,
): AsyncGenerator<ReportedMovement> {
  const page = { fromDate: new Date(since), limit: PAGE_PAYOUTS };
  const failures: UnreadableAnswerError[] = [];
  for await (const payout of readEach(payoutAnswer, await payos.payouts.list(page), failures)) {
    const error = whyLost(payout);
    yield {
      kind: 'refund',
      paymentReference: null,
      reference: payout.id,
      refundId: payout.referenceId,
      status: error === null ? 'sent' : 'failed',
      error,
      amount: payout.transactions.reduce((sum, { amount }) => sum + amount, 0),
      currency,
      happenedAt: now,
    };
  }
  if (failures[0]) throw failures[0];
}
