/** The loads that a run can offer, by name. */

export interface Profile {
  name: string;
  ratePerSecond: number;
  seconds: number;
  /** Part of the arrivals that read GET /drops, 0..1; the others buy. */
  readShare: number;
  connections: number;
  connectionsMax: number;
  /** Units for sale over all items: enough that every purchase is written. */
  stock: number;
  /** Fixes the arrivals. */
  randomSeed: number;
}

export const profiles: Record<string, Profile> = {
  /** A drop's first half minute as the project's first promise states it: ten thousand buyers a second. */
  seed: {
    name: 'seed',
    ratePerSecond: 10_000,
    seconds: 30,
    readShare: 0.6,
    connections: 2_000,
    connectionsMax: 10_000,
    stock: 2_000_000,
    randomSeed: 1,
  },
};
