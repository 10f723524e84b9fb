/** Settles a refund with the form shown on the refunds page and on the order's page. */
import type { Answered } from './api.ts';
import type { PageRequest } from './page-request.ts';

export const settleRefund = ({ api, form }: PageRequest, refundId: string): Promise<Answered<unknown>> =>
  api.call('settleRefund', { id: refundId, body: { note: form.get('note') ?? '' } });
