/** Stores the names of relays with listeners, because a shard may be evicted while they listen. */
import type { KeptRelays } from './shard-reports.ts';

const prefix = 'relay:';

export const keptRelays = ({ kv }: DurableObjectStorage): KeptRelays => ({
  *list() {
    for (const [key] of kv.list({ prefix })) yield key.slice(prefix.length);
  },
  put: (relay) => kv.put(`${prefix}${relay}`, true),
  delete: (relay) => void kv.delete(`${prefix}${relay}`),
});
