/** Where a drop is sold: 0 is the one machine with all its drops; at the edge each writer has a number that its ids carry. */

/** Drop keys at the edge lie below this; above it a place's number tells the lane. */
export const DROPS_MAX = 2 ** 20;
/** Lanes that a drop may be split over. */
export const LANES_MAX = 64;

/** Every place at the edge lies below this. */
export const PLACES_MAX = LANES_MAX * DROPS_MAX;

/** The machine's own place. */
export const MACHINE = 0;
/** At the edge: where money is kept, and sent back from, that came for no order of ours. */
export const UNCLAIMED = DROPS_MAX - 1;

/** The place of a drop's writer, or of one of its lanes. */
export const placeOf = (dropId: number, lane = 0): number => lane * DROPS_MAX + dropId;
export const dropOf = (place: number): number => place % DROPS_MAX;
export const laneOf = (place: number): number => Math.floor(place / DROPS_MAX);
