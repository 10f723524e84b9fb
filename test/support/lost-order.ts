/** Names an order as a deployment with this SECRET_KEY did before a restore lost the order. */
import { createIds } from '../../src/ids.ts';

/** Also at the edge, where no drop is at this place. */
export const lostOrder = (secretKey: string): string =>
  createIds(secretKey).order({ dropId: 60_000, orderId: 7 });
