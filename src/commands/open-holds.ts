/** Counts the units on hold by client address, which the rows never record. */

import { LAPSED_UNITS_MIN, LAPSES_KEPT_MAX } from '../domain/client-limits.ts';

export interface OpenHold {
  dropId: number;
  /** Keyed hash. */
  address: string;
  quantity: number;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Storage in which open holds outlive the process, written in the transactions of their orders. */
export interface KeptHolds {
  list(): Iterable<readonly [orderId: number, hold: OpenHold]>;
  put(orderId: number, hold: OpenHold): void;
  delete(orderId: number): void;
}

/** The holds of one address in a drop. */
interface Share {
  units: number;
  holds: Set<OpenHold>;
}

/** How the holds of an address ended, in units. */
interface EndedUnits {
  paid: number;
  lapsed: number;
}

/** How long a hold that another process released is kept after its end. */
const STALE_MS = 3_600_000;
/** Holds that each new one checks for that: with more than two, the walk outpaces additions. */
const SCANNED_PER_ADD = 4;

const keyOf = ({ dropId, address }: Pick<OpenHold, 'dropId' | 'address'>): string => `${dropId} ${address}`;

export class OpenHolds {
  readonly #kept: KeptHolds | null;
  readonly #byOrder = new Map<number, OpenHold>();
  readonly #shares = new Map<string, Share>();
  /** Two generations: an address that is counted again moves to the younger one. */
  #records = new Map<string, EndedUnits>();
  #olderRecords = new Map<string, EndedUnits>();
  /**
   * One continuing walk over all holds: a new walk would pass every gap that ended holds leave at
   * the map's front.
   */
  #walk = this.#byOrder.entries();
  /** The changes since the last commit. */
  readonly #changes: { orderId: number; hold: OpenHold; kind: 'added' | keyof EndedUnits }[] = [];

  /** Without storage, a restart forgets the holds; they expire at this time at the latest. */
  constructor(kept: KeptHolds | null = null) {
    this.#kept = kept;
    for (const [orderId, hold] of kept?.list() ?? []) this.#insert(orderId, hold);
  }

  /**
   * The units that an address has on hold, and when the first of them ends, if `quantity` more
   * would exceed `unitsMax`; else null. An address with nothing on hold can always place one order.
   */
  overLimit(
    of: Pick<OpenHold, 'dropId' | 'address' | 'quantity'>,
    unitsMax: number,
    now: number,
  ): { units: number; until: number } | null {
    const share = this.#shares.get(keyOf(of));
    if (!share || share.units + of.quantity <= unitsMax) return null;
    let [units, until] = [0, Number.POSITIVE_INFINITY];
    for (const { quantity, expiresAt } of share.holds) {
      // Ignore expired holds, which wait for the sweep.
      if (expiresAt <= now) continue;
      units += quantity;
      until = Math.min(until, expiresAt);
    }
    return units === 0 || units + of.quantity <= unitsMax ? null : { units, until };
  }

  add(orderId: number, hold: OpenHold, now: number): void {
    this.#endStale(now);
    this.#insert(orderId, hold);
    this.#kept?.put(orderId, hold);
    this.#changes.push({ orderId, hold, kind: 'added' });
  }

  /**
   * Whether an address has let many units expire unpaid, and more than it has paid. A restart or an
   * eviction clears this.
   */
  lapses(of: Pick<OpenHold, 'dropId' | 'address'>): boolean {
    const { paid, lapsed } = this.#recordOf(keyOf(of));
    return lapsed >= LAPSED_UNITS_MIN && lapsed > paid;
  }

  /** Ends a hold: the order is paid, or its units are released. */
  end(orderId: number, kind: keyof EndedUnits): void {
    const hold = this.#byOrder.get(orderId);
    if (!hold) return;
    this.#remove(orderId, hold);
    this.#kept?.delete(orderId);
    this.#count(hold, kind, hold.quantity);
    this.#changes.push({ orderId, hold, kind });
  }

  /** The number of changes since the last commit. */
  get mark(): number {
    return this.#changes.length;
  }

  /** Call this after COMMIT. */
  afterCommit(): void {
    this.#changes.length = 0;
  }

  /** Undoes every change since `mark`. Call this after a rollback. */
  rollBack(mark = 0): void {
    for (const { orderId, hold, kind } of this.#changes.splice(mark).reverse()) {
      if (kind === 'added') {
        this.#remove(orderId, hold);
        continue;
      }
      this.#insert(orderId, hold);
      this.#count(hold, kind, -hold.quantity);
    }
  }

  #endStale(now: number): void {
    for (let scanned = 0; scanned < SCANNED_PER_ADD; scanned += 1) {
      const { done, value } = this.#walk.next();
      if (done) {
        this.#walk = this.#byOrder.entries();
        return;
      }
      const [orderId, { expiresAt }] = value;
      if (expiresAt + STALE_MS < now) this.end(orderId, 'lapsed');
    }
  }

  #recordOf(key: string): EndedUnits {
    return this.#records.get(key) ?? this.#olderRecords.get(key) ?? { paid: 0, lapsed: 0 };
  }

  #count(hold: OpenHold, kind: keyof EndedUnits, units: number): void {
    const key = keyOf(hold);
    const record = this.#recordOf(key);
    record[kind] += units;
    if (this.#records.size >= LAPSES_KEPT_MAX / 2) {
      this.#olderRecords = this.#records;
      this.#records = new Map();
    }
    this.#records.set(key, record);
  }

  #insert(orderId: number, hold: OpenHold): void {
    this.#byOrder.set(orderId, hold);
    const share = this.#shares.get(keyOf(hold));
    if (share) {
      share.units += hold.quantity;
      share.holds.add(hold);
    } else this.#shares.set(keyOf(hold), { units: hold.quantity, holds: new Set([hold]) });
  }

  #remove(orderId: number, hold: OpenHold): void {
    this.#byOrder.delete(orderId);
    const share = this.#shares.get(keyOf(hold));
    if (!share?.holds.delete(hold)) return;
    share.units -= hold.quantity;
    if (share.holds.size === 0) this.#shares.delete(keyOf(hold));
  }
}
