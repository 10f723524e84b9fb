/** Settles a refund with the form shown on the refunds page and on the order's page. */
import type { Answered } from './api.ts';
import type { Visit } from './visit.ts';

export const settleRefund = ({ api, form }: Visit, refundId: string): Promise<Answered<unknown>> =>
  api.write('POST', `/admin/refunds/${encodeURIComponent(refundId)}/settle`, {
    note: form.get('note') ?? '',
  });
