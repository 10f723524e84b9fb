/**
 * A Bloom filter over the idempotency keys that have an order: proves for most keys that they have
 * none.
 */

const BITS_PER_KEY = 10;
const HASHES = 7;
const BYTES_MIN = 128;
/**
 * Recent keys that a reader can get without the whole filter: over 10 s of an object at full load.
 */
const RECENT_KEYS_MAX = 4_096;

/** Returns two independent 32-bit hashes of a text (FNV-1a, with another seed and a final mix). */
function hashes(text: string): [number, number] {
  let one = 0x811c9dc5;
  let two = 0x9e3779b9;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x85ebca6b);
  }
  two ^= two >>> 15;
  return [one >>> 0, (Math.imul(two, 0xc2b2ae35) >>> 0) | 1];
}

const hashesOf = (customer: string, idempotencyKey: string): [number, number] =>
  hashes(`${customer} ${idempotencyKey}`);

/** Which version of a filter a reader has. */
export interface KeyPosition {
  /** The filter's name; a rebuilt filter has another one. */
  filter: string;
  /** Number of keys in the filter. */
  keys: number;
}

/** What a reader needs to catch up with a filter. */
export interface KeyUpdate extends KeyPosition {
  /** The whole filter; null where the reader needs only `added`. */
  bits: Uint8Array | null;
  /** Two hashes for each key that the reader lacks. */
  added: Uint32Array;
}

function* bitsOf([one, two]: readonly [number, number], bits: number): Generator<number> {
  for (let round = 0; round < HASHES; round += 1) yield ((one + round * two) >>> 0) % bits;
}

export class KeyFilter {
  readonly #name: string;
  readonly #bits: Uint8Array;
  #keys: number;
  /** Two hashes for each of the most recent keys. */
  #recent: number[] = [];

  private constructor(name: string, bits: Uint8Array, keys: number) {
    this.#name = name;
    this.#bits = bits;
    this.#keys = keys;
  }

  /** Returns an empty filter for `keys` keys. About 1% of absent keys then test as present. */
  static empty(keys: number): KeyFilter {
    const bits = new Uint8Array(Math.max(BYTES_MIN, Math.ceil((keys * BITS_PER_KEY) / 8)));
    return new KeyFilter(crypto.randomUUID(), bits, 0);
  }

  /** Returns a reader's filter updated by `update`; null where it is for another position. */
  static after(known: KeyFilter | null, update: KeyUpdate): KeyFilter | null {
    const isKnown = known?.position.filter === update.filter;
    // Answers may arrive out of order: an older one has nothing new.
    if (known && isKnown && known.#keys >= update.keys) return known;
    if (update.bits) return new KeyFilter(update.filter, update.bits, update.keys);
    if (!known || !isKnown) return null;
    const first = update.added.length / 2 - (update.keys - known.#keys);
    if (first < 0) return null;
    for (let key = first; key * 2 < update.added.length; key += 1) {
      known.#set([update.added[key * 2] ?? 0, update.added[key * 2 + 1] ?? 0]);
      known.#keys += 1;
    }
    return known;
  }

  get bytes(): number {
    return this.#bits.length;
  }

  get position(): KeyPosition {
    return { filter: this.#name, keys: this.#keys };
  }

  add(customer: string, idempotencyKey: string): void {
    this.#keys += 1;
    this.#set(hashesOf(customer, idempotencyKey));
  }

  updateFor(known: KeyPosition | null): KeyUpdate {
    const lacks = known?.filter === this.#name ? this.#keys - known.keys : Number.POSITIVE_INFINITY;
    const isDelta = lacks >= 0 && lacks * 2 <= this.#recent.length;
    const added = isDelta ? this.#recent.slice(this.#recent.length - lacks * 2) : [];
    return { ...this.position, bits: isDelta ? null : this.#bits, added: Uint32Array.from(added) };
  }

  /** Returns false only if the key has definitely not been added. */
  mayHave(customer: string, idempotencyKey: string): boolean {
    for (const bit of bitsOf(hashesOf(customer, idempotencyKey), this.#bits.length * 8)) {
      if (((this.#bits[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #set(pair: readonly [number, number]): void {
    for (const bit of bitsOf(pair, this.#bits.length * 8)) {
      this.#bits[bit >> 3] = (this.#bits[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
    this.#recent.push(...pair);
    // At four times the size only, because slicing copies.
    if (this.#recent.length > 4 * RECENT_KEYS_MAX) this.#recent = this.#recent.slice(-2 * RECENT_KEYS_MAX);
  }
}
