/** The generation of an id: random bits of the process start that issued it. */

/** The bits in an order's or refund's id (`key`), or an event's (`seq`); 0 for older rows. */
export type GenerationOf = (kind: 'key' | 'seq', of: number) => number;
