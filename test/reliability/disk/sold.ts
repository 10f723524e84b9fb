/** The seller's acknowledged orders, as marked in the record: an image must keep them. */

/** The durable states of an order, each with the statuses that it may have reached since. */
const reached = {
  held: ['held', 'paid', 'released', 'refunding', 'refunded'],
  paid: ['paid', 'refunding', 'refunded'],
  cancelled: ['released'],
  refunding: ['refunding', 'refunded'],
  refunded: ['refunded'],
  /** Refused for a full disk: the order must not exist, also after a restart. */
  refused: [],
} as const satisfies Record<string, readonly string[]>;

export interface Mark {
  orderId: number;
  key: string;
  reported: keyof typeof reached;
}

export const hasReached = (status: string, reported: Mark['reported']): boolean =>
  (reached[reported] as readonly string[]).includes(status);

export const textOf = (mark: Mark): string => JSON.stringify(mark);
export const markOf = (text: string): Mark => JSON.parse(text) as Mark;
