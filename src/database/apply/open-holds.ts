/** Units on hold by the address that they were taken from: kept beside the rows, which never say where a purchase came from. */

export interface OpenHold {
  dropId: number;
  /** Keyed hash. */
  address: string;
  quantity: number;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** Where open holds outlive the process: written and deleted within the transaction of their orders. */
export interface KeptHolds {
  list(): Iterable<readonly [orderId: number, hold: OpenHold]>;
  put(orderId: number, hold: OpenHold): void;
  delete(orderId: number): void;
}

/** What an address has of a drop. */
interface Share {
  units: number;
  holds: Set<OpenHold>;
}

/** How long after its end a hold is remembered that another process has released. */
const STALE_MS = 3_600_000;

const keyOf = ({ dropId, address }: Pick<OpenHold, 'dropId' | 'address'>): string => `${dropId} ${address}`;

export class OpenHolds {
  readonly #kept: KeptHolds | null;
  readonly #byOrder = new Map<number, OpenHold>();
  readonly #shares = new Map<string, Share>();
  /** What has changed since the last commit. */
  readonly #changes: { orderId: number; hold: OpenHold; isAdded: boolean }[] = [];

  /** Without a place to keep them, a restart forgets them: by then, at the latest, their time would be over. */
  constructor(kept: KeptHolds | null = null) {
    this.#kept = kept;
    for (const [orderId, hold] of kept?.list() ?? []) this.#insert(orderId, hold);
  }

  /**
   * What an address has on hold, and when the first of it ends, where so many units more would be over `unitsMax`; else null.
   * An address that has nothing on hold may always place one order.
   */
  overLimit(
    of: Pick<OpenHold, 'dropId' | 'address' | 'quantity'>,
    unitsMax: number,
    now: number,
  ): { units: number; until: number } | null {
    const share = this.#shares.get(keyOf(of));
    if (!share || share.units + of.quantity <= unitsMax) return null;
    // Without those that wait for the sweep alone.
    const open = [...share.holds].filter(({ expiresAt }) => expiresAt > now);
    const units = open.reduce((sum, { quantity }) => sum + quantity, 0);
    if (units === 0 || units + of.quantity <= unitsMax) return null;
    return { units, until: Math.min(...open.map(({ expiresAt }) => expiresAt)) };
  }

  add(orderId: number, hold: OpenHold, now: number): void {
    const [oldest] = this.#byOrder;
    if (oldest && oldest[1].expiresAt + STALE_MS < now) this.end(oldest[0]);
    this.#insert(orderId, hold);
    this.#kept?.put(orderId, hold);
    this.#changes.push({ orderId, hold, isAdded: true });
  }

  /** The order is paid for, or has given its units back. */
  end(orderId: number): void {
    const hold = this.#byOrder.get(orderId);
    if (!hold) return;
    this.#remove(orderId, hold);
    this.#kept?.delete(orderId);
    this.#changes.push({ orderId, hold, isAdded: false });
  }

  /** How many changes there are since the last commit. */
  get mark(): number {
    return this.#changes.length;
  }

  /** To be called after COMMIT. */
  settle(): void {
    this.#changes.length = 0;
  }

  /** To be called after a rollback: undoes every change since `mark`. */
  takeBack(mark = 0): void {
    for (const { orderId, hold, isAdded } of this.#changes.splice(mark).reverse()) {
      if (isAdded) this.#remove(orderId, hold);
      else this.#insert(orderId, hold);
    }
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
