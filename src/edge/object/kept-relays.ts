/** The names of the relays with listeners, in the storage: a shard may sleep for as long as a relay has listeners. */
import type { KeptRelays } from './shard-reports.ts';

const prefix = 'relay:';

export const keptRelays = ({ kv }: DurableObjectStorage): KeptRelays => ({
  *list() {
    for (const [key] of kv.list({ prefix })) yield key.slice(prefix.length);
  },
  put: (relay) => kv.put(`${prefix}${relay}`, true),
  delete: (relay) => void kv.delete(`${prefix}${relay}`),
});
