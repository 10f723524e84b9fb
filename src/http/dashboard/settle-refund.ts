/** Settles a refund by the form that stands on the page of refunds and on the page of its order. */
import type { RefusalView } from '../../pages/admin/views.ts';
import type { Visit } from './visit.ts';

/** Resolves with the refusal, or with null where it is settled. */
export async function settleRefund({ api, form }: Visit, refundId: string): Promise<RefusalView | null> {
  const body = { note: form.get('note') ?? '' };
  const { refusal } = await api.write('POST', `/admin/refunds/${encodeURIComponent(refundId)}/settle`, body);
  return refusal ?? null;
}
