/** What a test of the edge can break. */

/** Names the shard whose object gets a request without the Worker in front. */
export const straightHeader = 'straight-at';

/** What the Worker has seen so far, over all drops. */
export interface Seen {
  /** Requests that an object answered while an import into it was underway. */
  answeredDuringImport: number;
  /** Requests that reached any object. */
  objectRequests: number;
  /** The shard of each object of a drop that was loaded, once for each time. */
  wokenShardIds: string[];
  /** Batches of objects that a silent catalogue has kept waiting. */
  silencedBatches: number;
  /** Readings of a shard by a relay. */
  shardReads: number;
  /** Changes that a relay was told of by a shard. */
  shardReports: number;
  /** Readings of a relay by a Worker. */
  relayReads: number;
  /** Transfers that were offered again although they had arrived. */
  offeredInVain: number;
  /** Alarms that went off, of all objects. */
  alarms: number;
  /** Writes that the catalogue has refused. */
  catalogueRefusals: number;
  /** Statements that Workers have sent to the catalogue, those of the objects apart. */
  catalogueStatements: number;
  /** The step of a creation that has not gone on, as `stallAt` said. */
  stalledAt: string;
  /** Places that were called with a location hint, each with its hint. */
  hints: string[];
}

/** What goes wrong, until it is told otherwise. */
export interface Faults {
  /** The monotonic clock stands still: what is kept for a second stays, however slow the machine is. */
  clockStands: boolean;
  /** The catalogue does not answer objects, and they wait for it far longer than usual. */
  catalogueIsSilent: boolean;
  /** So many batches of objects pass although the catalogue is silent. */
  batchesHeard: number;
  /** The catalogue refuses to be written. */
  catalogueIsDown: boolean;
  /** Objects that answer no request, by their names, which are the numbers of their shards. */
  awayShardIds: string[];
  /** Every alarm throws. */
  alarmsFail: boolean;
  /** Every so many requests their object is thrown away: once before the work, once after it and before the answer; 0 is never. */
  abortEvery: number;
  /** Is run by the next request on the rows of its object; then it is empty again. */
  sql: string;
  /** So many shards end after they have given units away, and before they say so. */
  lostGifts: number;
  /** So many times the object of this shard of a new drop ends before it is made, or after it and before the answer. */
  unmade: { shard: number; after: boolean; times: number };
  /** The step before or after which a creation goes on no more: `before the reservation`, `before shard 2`, `after shard 2`. */
  stallAt: string;
  /** So many times the object ends under a request whose path ends like this: before its work, or after it and before the answer. The first `skip` such requests pass. */
  cut: { path: string; after: boolean; times: number; skip?: number };
  /** The Worker sees every failure of an object as the platform marks those of one that it moves. */
  failuresAreRetryable: boolean;
  /** So many times a shard does not hear that what it gave has arrived. */
  lostThanks: number;
  /** Shards, of any drop, that relays can't read. */
  shardsAway: number[];
}
