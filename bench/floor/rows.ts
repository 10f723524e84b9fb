/** The rows of the floor bench: the requests, and the servers that receive them. */
import type { Ask } from '../rounds/closed-loop.ts';

interface Row {
  title: string;
  ask: Ask;
  /** Whether the requested item is sold out. */
  isSoldOut: boolean;
}

// The floor always answers for the first item.
const hotShare = 1;
const buying: Ask = { readShare: 0, hotShare };

export const rows = {
  purchase: { title: 'purchase', ask: buying, isSoldOut: false },
  list: { title: 'GET /drops', ask: { readShare: 1 }, isSoldOut: false },
  drop: { title: 'GET /drops/:id', ask: { readShare: 1, reads: 'drop' }, isSoldOut: false },
  mix: { title: '60 % GET /drops, 40 % purchases', ask: { readShare: 0.6, hotShare }, isSoldOut: false },
  refusal: { title: 'refused after sell-out', ask: buying, isSoldOut: true },
} as const satisfies Record<string, Row>;

export type RowName = keyof typeof rows;
export const rowNames = Object.keys(rows) as RowName[];
