/** Finds the place that records what a payment provider reports, before any object is asked. */
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
/** Whether a drop is at a place. */
export type HasDrop = (place: number) => Promise<boolean>;

export class PaymentPlaces {
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

  /** A place that is there knows its own checkouts, whatever mark they have. */
  async #ofPayment({ order, mark }: PaymentOrigin, hasDrop: HasDrop): Promise<number | Ignored> {
    const place = this.#ofOrder(order);
    if (place !== null && (await hasDrop(place))) return place;
    if (mark !== 'own') return withoutMark(order, this.#ids);
    // Payments without an order have an object of their own, which refunds them.
    return isReadable(order, this.#ids) ? UNCLAIMED : { kind: 'ignored', reason: 'unreadable' };
  }

  /** All of them are of one payment. */
  async #ofMovement(
    [movement]: readonly ReportedMovement[],
    provider: PaymentProvider,
    hasDrop: HasDrop,
  ): Promise<number | null> {
    if (!movement) return null;
    const { paymentReference } = movement;
    const refundId = movement.kind === 'refund' ? movement.refundId : null;
    const place = refundId === null ? null : this.#ids.placeOf(refundId);
    // A refund that began on a machine belongs to the drop that moved here.
    if (place !== null && place !== MACHINE) return (await hasDrop(place)) ? place : UNCLAIMED;
    const origin = paymentReference === null ? null : await provider.originOf?.(paymentReference);
    const found = origin ? await this.#ofPayment(origin, hasDrop) : null;
    return typeof found === 'number' ? found : null;
  }

  #ofOrder(order: OrderName): number | null {
    return 'id' in order ? this.#ids.placeOf(order.id) : this.#ids.placeOfOrderCode(order.code);
  }
}
