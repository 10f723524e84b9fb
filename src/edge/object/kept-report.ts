/**
 * Stores the last order whose customer an object has reported, apart from the rows: it does not
 * move with a drop, because the new shard reports all customers again.
 */
import type { KeptValues } from './kept-shard.ts';

/** Never rename it: every shard would report all customers again. */
const reportedKey = 'customers told';

/** The key of that order; null before the first report. Keys of orders increase. */
export const keptReport = (kv: KeptValues): number | null => kv.get<number>(reportedKey) ?? null;

export const keepReport = (kv: KeptValues, orderId: number): void => kv.put(reportedKey, orderId);
