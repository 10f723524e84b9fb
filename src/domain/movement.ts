/**
 * Money movements outside this server: disputes and refunds that providers report, and settlements.
 */
import type { OperatorWrite } from './operator.ts';
import type { DisputeStatus } from './order.ts';

/** Records that a failed refund was paid back by hand, outside the provider. */
export interface SettleRefund extends OperatorWrite {
  kind: 'settleRefund';
  refundId: number;
  note: string;
}

/**
 * A provider's report about a payment's money after the payment: a dispute, or a refund that it has
 * accepted or undone. `RefundId` is how it names a refund of ours.
 */
export type Movement<RefundId = number> = {
  /** The provider's id of the dispute or refund. */
  reference: string;
  /** Minor units. */
  amount: number;
  /** ISO 4217, in capitals. */
  currency: string;
  /** Epoch milliseconds at which it reached this status, according to the provider. */
  happenedAt: number;
} & (
  | { kind: 'dispute'; status: DisputeStatus; reason: string; openedAt: number }
  /**
   * `refundId` is null if the refund was made in the provider's dashboard. `keyShardId` is the
   * shard where our refund began, if not this one. `error` is why it failed.
   */
  | {
      kind: 'refund';
      status: 'sent' | 'failed';
      error: string | null;
      refundId: RefundId | null;
      keyShardId?: number;
    }
);

/** Records a dispute or refund that a provider reports. */
export interface RecordMovement {
  kind: 'recordMovement';
  provider: string;
  /** The provider's id of the payment; null if the report names only our refund. */
  paymentReference: string | null;
  /** Stores it until its payment arrives; otherwise a movement of an unknown payment is refused. */
  keepsEarly: boolean;
  movement: Movement;
}
