/**
 * Simulates a drop over several shards, event by event: service times and transfers follow the real
 * rules.
 */

export interface Drop {
  shards: number;
  units: number;
  /** Buyers per second, as long as units are left. */
  arrivalsPerSecond: number;
  /** Requests per second that one shard serves. */
  shardRate: number;
  /** Milliseconds from one shard to another and back. */
  hopMs: number;
  /** A request that waits longer at its shard is shed. */
  deadlineMs: number;
  /** How long Workers may use a published state. */
  publishedMs: number;
  seed: number;
}

export interface Sale {
  sold: number;
  /** From the first arrival to the last unit. */
  soldOutMs: number;
  purchasesPerSecond: number;
  /** Milliseconds that successful buyers waited. */
  waitP50Ms: number;
  waitP99Ms: number;
  shed: number;
  transfers: number;
  /**
   * Percentage of units that went to buyers who arrived after another buyer was refused as sold
   * out.
   */
  outOfTurnPercent: number;
}

/** Returns a generator of random numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Shard {
  units: number;
  /** When it has served all arrivals so far. */
  freeAtMs: number;
  /** Until when it assumes that no other shard has units. */
  emptyUntilMs: number;
}

const emptyMs = 200;

/**
 * The rule of `stock-transfer.ts`: at least the wanted units, half of the free ones, or all that
 * there are.
 */
const giftOf = (free: number, wanted: number): number =>
  Math.min(free, Math.max(wanted, Math.ceil(free / 2)));

export function sell(drop: Drop): Sale {
  const { shards: count, units, arrivalsPerSecond, shardRate, hopMs, deadlineMs, publishedMs, seed } = drop;
  const random = randomFrom(seed);
  const shards: Shard[] = Array.from({ length: count }, (_, shard) => ({
    units: Math.floor(units / count) + (shard < units % count ? 1 : 0),
    freeAtMs: 0,
    emptyUntilMs: 0,
  }));
  const serviceMs = 1000 / shardRate;
  const waits: number[] = [];
  const winners: number[] = [];
  let firstLoserMs = Number.POSITIVE_INFINITY;
  let [shed, transfers, soldOutMs] = [0, 0, 0];

  /** Queries the other shards in turn; returns the time that it took. */
  const fetchUnits = (own: number, nowMs: number): number => {
    const shard = shards[own] as Shard;
    if (nowMs < shard.emptyUntilMs) return 0;
    let tookMs = 0;
    for (let step = 1; step < count && shard.units === 0; step += 1) {
      const other = shards[(own + step) % count] as Shard;
      tookMs += hopMs;
      const gift = giftOf(other.units, 1);
      if (gift === 0) continue;
      other.units -= gift;
      shard.units += gift;
      transfers += 1;
    }
    if (shard.units === 0) shard.emptyUntilMs = nowMs + emptyMs;
    return tookMs;
  };

  let arrivalMs = 0;
  // Ends once every Worker knows that the drop is sold out, because no buyer reaches an object
  // then.
  while (winners.length < units || arrivalMs < soldOutMs + publishedMs) {
    arrivalMs += (-Math.log(1 - random()) * 1000) / arrivalsPerSecond;
    const own = Math.floor(random() * count);
    const shard = shards[own] as Shard;
    const beginMs = Math.max(arrivalMs, shard.freeAtMs);
    if (beginMs - arrivalMs > deadlineMs) {
      shed += 1;
      continue;
    }
    let endMs = beginMs + serviceMs;
    shard.freeAtMs = endMs;
    // While it waits for other shards, the shard serves the next request.
    if (shard.units === 0) endMs += fetchUnits(own, beginMs);
    if (shard.units > 0) {
      shard.units -= 1;
      winners.push(arrivalMs);
      waits.push(endMs - arrivalMs);
      soldOutMs = Math.max(soldOutMs, endMs);
    } else firstLoserMs = Math.min(firstLoserMs, arrivalMs);
  }
  waits.sort((one, other) => one - other);
  const at = (share: number): number =>
    waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0;
  return {
    sold: winners.length,
    soldOutMs,
    purchasesPerSecond: (winners.length * 1000) / soldOutMs,
    waitP50Ms: at(0.5),
    waitP99Ms: at(0.99),
    shed,
    transfers,
    outOfTurnPercent: (100 * winners.filter((cameMs) => cameMs > firstLoserMs).length) / winners.length,
  };
}
