/** Money that moves outside this server: what providers report of it, and what operators settle by hand. */
import type { OperatorWrite } from './operator.ts';
import type { DisputeStatus } from './order.ts';

/** An operator notes that a failed refund was made by hand, outside the provider. */
export interface SettleRefund extends OperatorWrite {
  kind: 'settleRefund';
  refundId: number;
  note: string;
}

/**
 * What a provider says of a payment's money after the payment: a dispute, or a refund that it has accepted or undone.
 * `RefundId` is how it names a refund that this server asked for.
 */
export type Movement<RefundId = number> = {
  /** The provider's id of the dispute or refund. */
  reference: string;
  /** Minor units. */
  amount: number;
  /** ISO 4217, in capitals. */
  currency: string;
  /** Epoch milliseconds: when the provider says that it reached this status. */
  happenedAt: number;
} & (
  | { kind: 'dispute'; status: DisputeStatus; reason: string; openedAt: number }
  /**
   * `refundId` is null if the refund was made in the provider's dashboard. `keyPlace` is where ours began, if not at this
   * place. `error` is why it failed.
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
  /** The provider's id of the payment; null where it names only our refund. */
  paymentReference: string | null;
  /** Keep it until its payment arrives; without this, a movement of an unknown payment is refused. */
  keepsEarly: boolean;
  movement: Movement;
}
