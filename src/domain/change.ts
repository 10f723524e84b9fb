/** What comes up from a commit: the state after it, absolute, so that applying a Change twice is harmless. */
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
  /** Everything anew: after SQL that is not ours, or a commit of another process. */
  | { kind: 'catalogue'; drops: readonly Drop[] };
