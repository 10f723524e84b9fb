/** From a movement that a provider reports to the Command that records it. */
import type { RecordMovement } from '../domain/movement.ts';
import type { Ids } from '../ids.ts';
import type { ProviderMovement } from './provider.ts';

export function recordMovementOf(
  report: ProviderMovement,
  provider: string,
  ids: Ids,
  keepsEarly: boolean,
): RecordMovement {
  const { paymentReference, ...facts } = report;
  const command = { kind: 'recordMovement', provider, paymentReference, keepsEarly } as const;
  if (facts.kind === 'dispute') return { ...command, movement: facts };
  const { ours, ...refund } = facts;
  return { ...command, movement: { ...refund, refundId: ours === null ? null : ids.parseRefund(ours) } };
}
