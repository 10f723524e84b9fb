/** The load profiles, by name. */
import type { DropsForLoad } from './drop-for-load.ts';
import type { Mix } from './requests.ts';

export interface Profile extends Mix, DropsForLoad {
  name: string;
  /** What the profile simulates. */
  about: string;
  ratePerSecond: number;
  seconds: number;
  /** Part of the arrivals that read, 0..1; the others buy. */
  readShare: number;
  /**
   * Part of the other arrivals, 0..1, that pay for an order instead, as long as an unpaid order
   * exists.
   */
  payShare: number;
  connections: number;
  connectionsMax: number;
  /** Determines the arrivals. */
  randomSeed: number;
}

/** Enough units for every purchase. */
const plenty = 2_000_000;

const seed: Profile = {
  name: 'seed',
  about: "a drop's first half minute as the project's first promise states it",
  ratePerSecond: 10_000,
  seconds: 30,
  readShare: 0.6,
  payShare: 0,
  connections: 2_000,
  connectionsMax: 10_000,
  stock: plenty,
  drops: 1,
  itemsPerDrop: 3,
  reads: 'list',
  hotShare: 0,
  sendsPerKey: 1,
  randomSeed: 1,
};

const others: readonly Profile[] = [
  { ...seed, name: 'sold-out', about: 'three hundred units, and the whole crowd goes on asking', stock: 300 },
  {
    ...seed,
    name: 'hot-item',
    about: 'fifty sizes, and nine of ten want the first one, which is soon gone',
    itemsPerDrop: 50,
    hotShare: 0.9,
    stock: 250_000,
  },
  {
    ...seed,
    name: 'many-drops',
    about: 'five hundred drops at once; readers look at one each',
    drops: 500,
    stock: 10_000,
    reads: 'drop',
  },
  {
    ...seed,
    name: 'retries',
    about: 'each purchase comes three times under its key, one right after the other',
    sendsPerKey: 3,
  },
  {
    ...seed,
    name: 'payments',
    about: 'a third of the writes are payments of what was held',
    payShare: 1 / 3,
  },
];

export const profiles = {
  seed,
  ...Object.fromEntries(others.map((profile) => [profile.name, profile])),
} as { readonly seed: Profile } & Readonly<Record<string, Profile>>;
