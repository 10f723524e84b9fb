/** Turns a movement that a provider reports into the command that records it. */
import type { RecordMovement } from '../domain/movement.ts';
import type { Ids } from '../ids/ids.ts';
import type { ReportedMovement } from './provider.ts';

export function recordMovementOf(
  report: ReportedMovement,
  provider: string,
  ids: Ids,
  keepsEarly: boolean,
): RecordMovement {
  const { paymentReference, ...movement } = report;
  const command = { kind: 'recordMovement', provider, paymentReference, keepsEarly } as const;
  if (movement.kind === 'dispute') return { ...command, movement };
  const named = movement.refundId === null ? null : ids.parseRefundKey(movement.refundId);
  const { refundId = null, keyShardId = null } = named ?? {};
  // Omitted for this shard: the JSON of an early movement is compared with that of older versions.
  return { ...command, movement: { ...movement, refundId, ...(keyShardId !== null && { keyShardId }) } };
}
