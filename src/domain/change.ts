/** Changes that a commit publishes: absolute states, so that applying one twice is harmless. */
import type { Drop } from './drop.ts';

export interface ItemCounts {
  id: number;
  stock: number;
  held: number;
  sold: number;
}

export type Change =
  | { kind: 'stock'; dropId: number; items: readonly ItemCounts[] }
  | { kind: 'drop'; drop: Drop }
  /** All drops: after SQL that is not one of our commands, or a commit of another process. */
  | { kind: 'catalogue'; drops: readonly Drop[] };
