/** Drops, their items, and the phase that state and clock give a drop. */

export interface Item {
  id: number;
  sku: string;
  name: string;
  /** Minor units of the drop's currency, for one unit. */
  price: number;
  stock: number;
  held: number;
  sold: number;
}

export interface Drop {
  id: number;
  slug: string;
  title: string;
  description: string;
  imageUrl: string | null;
  /** ISO 4217. */
  currency: string;
  /** Units that one customer may hold or own; null: no limit. */
  perCustomer: number | null;
  /** Epoch milliseconds, like every time here. */
  startsAt: number;
  endsAt: number | null;
  holdSeconds: number;
  published: boolean;
  paused: boolean;
  /** When it was exported to another deployment; after that it cannot change here. */
  movedAt?: number | null;
  createdAt: number;
  items: readonly Item[];
}

export const dropPhases = ['draft', 'scheduled', 'live', 'sold_out', 'paused', 'ended'] as const;
export type DropPhase = (typeof dropPhases)[number];

/** The part of a drop that decides whether it sells at a given time. */
export type DropWindow = Pick<Drop, 'published' | 'paused' | 'startsAt' | 'endsAt'>;

export const availableUnits = (item: Pick<Item, 'stock' | 'held' | 'sold'>): number =>
  item.stock - item.held - item.sold;

/** Why a drop does not sell at `now`; null while its window is open. Ignores the stock. */
export function closedReason(
  drop: DropWindow,
  now: number,
): 'draft' | 'ended' | 'paused' | 'not_started' | null {
  if (!drop.published) return 'draft';
  if (drop.endsAt !== null && now >= drop.endsAt) return 'ended';
  if (drop.paused) return 'paused';
  if (now < drop.startsAt) return 'not_started';
  return null;
}

/** Whether buyers see the drop and it has not ended: it sells now, or may do so later. */
export const isOnOffer = (drop: DropWindow, now: number): boolean =>
  drop.published && (drop.endsAt === null || now < drop.endsAt);

/** Why buyers can't reserve anything of a drop at `now`; null while it sells. Drafts are hidden. */
export function closedToBuyers(
  drop: DropWindow,
  now: number,
): 'drop_not_found' | 'ended' | 'paused' | 'not_started' | null {
  const reason = closedReason(drop, now);
  return reason === 'draft' ? 'drop_not_found' : reason;
}

/** Units of one item that a purchase asks for. */
export interface WantedUnits {
  item: Item;
  quantity: number;
}

/** Why buyers can't reserve these units at `now`; null if no reason is known. */
export function refusalOf(
  drop: DropWindow,
  wanted: readonly WantedUnits[],
  now: number,
): { kind: NonNullable<ReturnType<typeof closedToBuyers>> } | { kind: 'sold_out'; itemId: number } | null {
  const closed = closedToBuyers(drop, now);
  if (closed !== null) return { kind: closed };
  const lacking = wanted.find(({ item, quantity }) => availableUnits(item) < quantity);
  return lacking ? { kind: 'sold_out', itemId: lacking.item.id } : null;
}

/** The item with this sku; without a sku, the drop's only item. */
export const itemNamed = ({ items }: Drop, sku: string | undefined): Item | undefined =>
  sku === undefined && items.length === 1 ? items[0] : items.find((item) => item.sku === sku);

export const unknownSku = { path: 'sku', message: 'The drop has no item with this sku.' };

export const endsAfterStart = ({ startsAt, endsAt }: Pick<Drop, 'startsAt' | 'endsAt'>): boolean =>
  endsAt === null || endsAt > startsAt;
export const endRule = 'Must be after startsAt.';

/** The phase of a drop at `now`: derived, never stored. */
export function phaseOf(drop: Drop, now: number): DropPhase {
  const reason = closedReason(drop, now);
  if (reason !== null) return reason === 'not_started' ? 'scheduled' : reason;
  return drop.items.some((item) => availableUnits(item) > 0) ? 'live' : 'sold_out';
}

/**
 * The first time after `now` at which the clock alone changes the phase; Infinity if there is none.
 */
export function phaseHoldsUntil(drop: DropWindow, now: number): number {
  if (now < drop.startsAt) return drop.startsAt;
  if (drop.endsAt !== null && now < drop.endsAt) return drop.endsAt;
  return Number.POSITIVE_INFINITY;
}
