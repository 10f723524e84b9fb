/** The generation of an id: random bits of the process start that issued it. */

/**
 * The bits in the id of an order or a refund (`key`), or of an event (`seq`); 0 for rows older than
 * generations.
 */
export type GenerationOf = (kind: 'key' | 'seq', of: number) => number;
