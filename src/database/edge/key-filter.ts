/** A Bloom filter over the idempotency keys that have an order: says for certain of most keys that they have none. */

const BITS_PER_KEY = 10;
const HASHES = 7;
const BYTES_MIN = 128;

/** Two independent 32-bit hashes of a text (FNV-1a, with another start and a last mix). */
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

const nameOf = (customer: string, idempotencyKey: string): string => `${customer} ${idempotencyKey}`;

function* bitsOf(name: string, bits: number): Generator<number> {
  const [one, two] = hashes(name);
  for (let round = 0; round < HASHES; round += 1) yield ((one + round * two) >>> 0) % bits;
}

/** An empty filter for so many keys; about one in a hundred absent ones is then taken for present. */
export const emptyFilter = (keys: number): Uint8Array =>
  new Uint8Array(Math.max(BYTES_MIN, Math.ceil((keys * BITS_PER_KEY) / 8)));

export function addKey(filter: Uint8Array, customer: string, idempotencyKey: string): void {
  for (const bit of bitsOf(nameOf(customer, idempotencyKey), filter.length * 8)) {
    filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
}

/** False: this key has certainly been added by nobody. */
export function mayHaveKey(filter: Uint8Array, customer: string, idempotencyKey: string): boolean {
  for (const bit of bitsOf(nameOf(customer, idempotencyKey), filter.length * 8)) {
    if (((filter[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}
