/** Opens payment links at payOS, and reads their state. */
import type { PayOS } from '@payos/node';
import { readAnswer, UnreadableAnswerError } from './answer.ts';
import { compareTransfer, type ReadMark, transferMark } from './mark.ts';
import { link as linkAnswer, openedLink, readableTransfers } from './payos-answers.ts';
import { asProviderError, codeOf, isUnknown, ORDER_EXISTS, payosName } from './payos-errors.ts';
import { payosCurrency, payosEvent } from './payos-payment.ts';
import {
  CHECKOUT_UNKNOWN,
  type Checkout,
  type CheckoutRequest,
  type CheckoutState,
  ProviderError,
} from './provider.ts';

/** Others are open: PENDING awaits money, PROCESSING the bank, UNDERPAID the remainder. */
const finalStatuses: ReadonlySet<string> = new Set(['PAID', 'CANCELLED', 'EXPIRED', 'FAILED']);

async function linkOf(payos: PayOS, orderCode: number) {
  const link = readAnswer(linkAnswer, await payos.paymentRequests.get(orderCode));
  if (link.orderCode !== orderCode) throw new UnreadableAnswerError('orderCode');
  return link;
}

async function openLink(
  payos: PayOS,
  { orderCode, amount, expiresAt, successUrl, cancelUrl }: CheckoutRequest,
  mark: string,
  schema: ReturnType<typeof openedLink>,
): Promise<Checkout> {
  const answer = await payos.paymentRequests.create({
    orderCode,
    amount,
    // The only field of a link that its webhook repeats; a longer text would be refused.
    description: transferMark(mark, orderCode),
    expiredAt: Math.floor(expiresAt / 1000),
    returnUrl: successUrl,
    cancelUrl,
  });
  const link = readAnswer(schema, answer);
  if (link.orderCode !== orderCode) throw new UnreadableAnswerError('orderCode');
  return { reference: String(orderCode), url: link.checkoutUrl, expiresAt };
}

/** The link of an earlier call whose answer was lost. */
async function findLink(payos: PayOS, { orderCode, amount, expiresAt }: CheckoutRequest): Promise<Checkout> {
  const link = await linkOf(payos, orderCode);
  // Another shop with the same payOS account may have used this number.
  if (link.amount !== amount) throw new ProviderError(payosName, 'order_code_taken');
  const hasEnded = finalStatuses.has(link.status) && link.status !== 'PAID';
  if (hasEnded) throw new ProviderError(payosName, `link_${link.status.toLowerCase()}`);
  const url = `https://pay.payos.vn/web/${link.id}`;
  return { reference: String(orderCode), url, expiresAt };
}

/** Opens one link per order, also if the answer to an earlier call was lost. */
export function createLinkOpener(payos: PayOS, readMark: ReadMark, apiBase: string | null) {
  const schema = openedLink(apiBase);
  return async (request: CheckoutRequest): Promise<Checkout> => {
    try {
      return await openLink(payos, request, await readMark(), schema);
    } catch (error) {
      if (codeOf(error) !== ORDER_EXISTS) throw asProviderError(error);
    }
    try {
      return await findLink(payos, request);
    } catch (error) {
      throw asProviderError(error);
    }
  };
}

export async function queryLink(payos: PayOS, reference: string, readMark: ReadMark): Promise<CheckoutState> {
  try {
    const { orderCode, status, transactions } = await linkOf(payos, Number(reference));
    const mark = await readMark();
    const transfers = readableTransfers(transactions);
    return {
      isFinal: finalStatuses.has(status),
      ...(transfers.length < transactions.length && { hasUnreadable: true }),
      events: transfers.map(({ reference: transferred, amount, description }) => {
        const compared = compareTransfer(description, mark, orderCode);
        return payosEvent(orderCode, transferred, amount, payosCurrency, compared);
      }),
    };
  } catch (error) {
    throw isUnknown(error) ? new ProviderError(payosName, CHECKOUT_UNKNOWN) : asProviderError(error);
  }
}
