/** What the seller was told of an order, as marked in the record after the answer came: the promise that an image must keep. */

/** The states of an order that nobody may lose, each with the statuses that it may have gone on to since. */
const reached = {
  held: ['held', 'paid', 'released', 'refunding', 'refunded'],
  paid: ['paid', 'refunding', 'refunded'],
  cancelled: ['released'],
  refunding: ['refunding', 'refunded'],
  refunded: ['refunded'],
  /** For want of room: there is no such order, and no restart finds one. */
  refused: [],
} as const satisfies Record<string, readonly string[]>;

export interface Mark {
  orderId: number;
  key: string;
  told: keyof typeof reached;
}

export const hasReached = (status: string, told: Mark['told']): boolean =>
  (reached[told] as readonly string[]).includes(status);

export const textOf = (mark: Mark): string => JSON.stringify(mark);
export const markOf = (text: string): Mark => JSON.parse(text) as Mark;
