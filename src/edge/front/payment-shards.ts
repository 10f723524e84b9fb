/** Finds the shard that records a payment provider's report, before any object is called. */
import { noteIgnored } from '../../background/ignored-payment.ts';
import { MACHINE, UNCLAIMED } from '../../domain/shard.ts';
import type { Ids } from '../../ids/ids.ts';
import type { Log } from '../../log.ts';
import type {
  OrderName,
  PaymentOrigin,
  PaymentProvider,
  ReportedMovement,
  WebhookReading,
} from '../../payments/provider.ts';
import { type Ignored, isReadable, withoutMark } from '../../payments/record-payment.ts';

type Reported = Extract<WebhookReading, { kind: 'event' | 'movements' }>;
/** Whether a shard has a drop. */
export type HasDrop = (shardId: number) => Promise<boolean>;

export class PaymentShardIds {
  readonly #ids: Ids;
  readonly #log: Log;

  constructor(ids: Ids, log: Log) {
    this.#ids = ids;
    this.#log = log;
  }

  /** Null if there is nothing to record. Rejects with `ProviderError`. */
  async of(reading: Reported, provider: PaymentProvider, hasDrop: HasDrop): Promise<number | null> {
    if (reading.kind === 'movements') return this.#ofMovement(reading.movements, provider, hasDrop);
    const found = await this.#ofPayment(reading.event, hasDrop);
    if (typeof found === 'number') return found;
    noteIgnored(found, reading.event, provider.name, { log: this.#log });
    return null;
  }

  /** Returns the shard, which recognizes its own checkouts whatever their mark is. */
  async #ofPayment({ order, mark }: PaymentOrigin, hasDrop: HasDrop): Promise<number | Ignored> {
    const shardId = this.#ofOrder(order);
    if (shardId !== null && (await hasDrop(shardId))) return shardId;
    if (mark !== 'own') return withoutMark(order, this.#ids);
    // A separate object refunds payments without an order.
    return isReadable(order, this.#ids) ? UNCLAIMED : { kind: 'ignored', reason: 'unreadable' };
  }

  /** Finds the shard by the first movement: all of them belong to one payment. */
  async #ofMovement(
    [movement]: readonly ReportedMovement[],
    provider: PaymentProvider,
    hasDrop: HasDrop,
  ): Promise<number | null> {
    if (!movement) return null;
    const { paymentReference } = movement;
    const refundId = movement.kind === 'refund' ? movement.refundId : null;
    const shardId = refundId === null ? null : this.#ids.shardIdOf(refundId);
    // A refund that started on a machine belongs to the drop that was moved here.
    if (shardId !== null && shardId !== MACHINE) return (await hasDrop(shardId)) ? shardId : UNCLAIMED;
    const origin = paymentReference === null ? null : await provider.originOf?.(paymentReference);
    const found = origin ? await this.#ofPayment(origin, hasDrop) : null;
    return typeof found === 'number' ? found : null;
  }

  #ofOrder(order: OrderName): number | null {
    return 'id' in order ? this.#ids.shardIdOf(order.id) : this.#ids.shardIdOfOrderCode(order.code);
  }
}
