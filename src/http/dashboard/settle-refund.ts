/** Settles a refund by the form that stands on the page of refunds and on the page of its order. */
import type { Answered } from './api.ts';
import type { Visit } from './visit.ts';

export const settleRefund = ({ api, form }: Visit, refundId: string): Promise<Answered<unknown>> =>
  api.write('POST', `/admin/refunds/${encodeURIComponent(refundId)}/settle`, {
    note: form.get('note') ?? '',
  });
