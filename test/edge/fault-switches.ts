/** The faults that an edge test can switch on. */

/** Names the shard whose object receives the request directly, without the Worker. */
export const straightHeader = 'straight-at';

/** The Worker's counters, over all drops. */
export interface Seen {
  /** Requests that an object answered during an import into it. */
  answeredDuringImport: number;
  /** Requests that reached any object. */
  objectRequests: number;
  /** The shard of each loaded object of a drop, one entry per load. */
  wokenShardIds: string[];
  /** Batches of objects delayed by a silent catalogue. */
  silencedBatches: number;
  /** Reads of a shard by a relay. */
  shardReads: number;
  /** Changes that a shard reported to a relay. */
  shardReports: number;
  /** Reads of a relay by a Worker. */
  relayReads: number;
  /** Transfers that were offered again although they had arrived. */
  offeredInVain: number;
  /** Alarms that ran, of all objects. */
  alarms: number;
  /** Writes that the catalogue refused. */
  catalogueRefusals: number;
  /** Statements from Workers to the catalogue, without those of the objects. */
  catalogueStatements: number;
  /** The step at which a creation stalls, as in `stallAt`. */
  stalledAt: string;
  /** Objects addressed with a location hint, each with its hint. */
  hints: string[];
}

/** The active faults; each stays until it is changed. */
export interface Faults {
  /** The monotonic clock stops: a value kept for a second stays, however slow the machine is. */
  clockStands: boolean;
  /** The catalogue does not answer objects, and they wait far longer than usual. */
  catalogueIsSilent: boolean;
  /** The number of batches of objects that a silent catalogue still accepts. */
  batchesReceived: number;
  /** The catalogue rejects writes. */
  catalogueIsDown: boolean;
  /** Objects that answer no request, by name, which is the number of the shard. */
  awayShardIds: string[];
  /** Every alarm throws. */
  alarmsFail: boolean;
  /**
   * After this many requests their object is aborted, alternately before the work, and after it but
   * before the answer; 0 is never.
   */
  abortEvery: number;
  /** The next request runs it on the rows of its object; then it is empty again. */
  sql: string;
  /** The number of shards that end after they have transferred units, before they report it. */
  lostGifts: number;
  /**
   * How often the object of this shard of a new drop ends before its creation, or after it but
   * before the answer.
   */
  unmade: { shard: number; after: boolean; times: number };
  /**
   * The step before or after which a creation stalls: `before the reservation`, `before shard 2`,
   * `after shard 2`.
   */
  stallAt: string;
  /**
   * How often the object ends during a request whose path ends like this: before its work, or after
   * it but before the answer. The first `skip` such requests pass.
   */
  cut: { path: string; after: boolean; times: number; skip?: number };
  /** The Worker sees every failure of an object with the marks of one that the platform moves. */
  failuresAreRetryable: boolean;
  /** How often a shard misses the confirmation of a transfer. */
  lostThanks: number;
  /** Shards of any drop that relays can't read. */
  shardsAway: number[];
}
