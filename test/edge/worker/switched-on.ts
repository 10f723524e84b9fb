/** The faults that are switched on, and what the Worker has seen. */
import type { Faults, Seen } from '../fault-switches.ts';

/** Worker and objects share it: they run in one isolate here. */
export const faults: Faults = {
  clockStands: false,
  catalogueIsSilent: false,
  batchesHeard: 0,
  catalogueIsDown: false,
  awayShardIds: [],
  alarmsFail: false,
  abortEvery: 0,
  sql: '',
  lostGifts: 0,
  lostThanks: 0,
  unmade: { shard: 0, after: false, times: 0 },
  cut: { path: '', after: false, times: 0 },
  failuresAreRetryable: false,
  stallAt: '',
  shardsAway: [],
};
/** What it has seen since it was started. */
export const seen: Seen = {
  answeredDuringImport: 0,
  objectRequests: 0,
  wokenShardIds: [],
  silencedBatches: 0,
  shardReads: 0,
  shardReports: 0,
  relayReads: 0,
  offeredInVain: 0,
  alarms: 0,
  catalogueRefusals: 0,
  catalogueStatements: 0,
  stalledAt: '',
  hints: [],
};
