/** The active faults, and the Worker's counters. */
import type { Faults, Seen } from '../fault-switches.ts';

/** The Worker and its objects share it: they run in one isolate here. */
export const faults: Faults = {
  clockStands: false,
  catalogueIsSilent: false,
  batchesReceived: 0,
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
/** Counters since the start. */
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
