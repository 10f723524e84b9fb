/** A refund at payOS: a payout to the account that paid, found where an earlier attempt has made it. */
import type { PayOS, Payout, Transaction } from '@payos/node';
import { codeOf, isRefusal, refundFailure } from './payos-errors.ts';
import type { RefundRequest, RefundResult } from './provider.ts';

const PAGE_PAYOUTS = 100;
const lostApprovals: ReadonlySet<string> = new Set(['REJECTED', 'CANCELLED', 'FAILED']);
const lostTransfers: ReadonlySet<string> = new Set(['CANCELLED', 'FAILED', 'REVERSED']);

const isLost = ({ approvalState, transactions }: Payout): boolean =>
  lostApprovals.has(approvalState) || transactions.some(({ state }) => lostTransfers.has(state));

/** What earlier attempts came to; null where this one must make the payout. */
async function lookUp(payos: PayOS, { id, isKeyUsed }: RefundRequest): Promise<RefundResult | null> {
  let hasLost = false;
  // The page iterates over every page.
  for await (const payout of await payos.payouts.list({ referenceId: id, limit: PAGE_PAYOUTS })) {
    if (payout.referenceId !== id) continue;
    if (!isLost(payout)) return { kind: 'sent', reference: payout.id };
    hasLost = true;
  }
  // With the same key payOS may answer with the payout that failed.
  return hasLost && isKeyUsed ? { kind: 'rejected', code: 'payout_failed', isKeySpent: true } : null;
}

/** The account that paid; undefined where the bank did not name it. */
async function payerOf(payos: PayOS, reference: string): Promise<Transaction | undefined> {
  const [orderCode = '', bankReference = ''] = reference.split(':');
  const link = await payos.paymentRequests.get(Number(orderCode));
  return link.transactions.find((transaction) => transaction.reference === bankReference);
}

export async function refundAtPayos(payos: PayOS, request: RefundRequest): Promise<RefundResult> {
  const { id, key, reference, amount, isRepeated, isKeyUsed } = request;
  let payer: Transaction | undefined;
  try {
    const known = isRepeated ? await lookUp(payos, request) : null;
    if (known) return known;
    payer = await payerOf(payos, reference);
  } catch (error) {
    // The key was not used: only a question failed.
    return { kind: isRefusal(error) ? 'rejected' : 'retry', code: codeOf(error), isKeySpent: false };
  }
  if (!payer?.counterAccountBankId || !payer.counterAccountNumber) {
    return { kind: 'rejected', code: 'payer_account_unknown', isKeySpent: false };
  }
  try {
    const payout = await payos.payouts.create(
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
    return { kind: 'sent', reference: payout.id };
  } catch (error) {
    return refundFailure(error, isKeyUsed);
  }
}
