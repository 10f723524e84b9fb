/** The generation of a name: the random bits of the start that issued it. */

/** The bits in the name of an order or a refund (`key`), or of an event (`seq`); 0 for rows from before there were generations. */
export type GenerationOf = (kind: 'key' | 'seq', of: number) => number;
