/** The settings of a fault run, its servers and its crowd. */
import type { DropsUnderTest } from './drops-under-test.ts';
import type { FaultAt } from './process/places.ts';
import type { Shoppers } from './shoppers.ts';
import type { TimedClient } from './timed-client.ts';

export interface Crowd {
  client: TimedClient;
  shoppers: Shoppers;
  /** Starts no new calls; resolves once every call has its answer. */
  end(): Promise<void>;
}

export interface StartOptions {
  /** The server is unpatched when absent. */
  fault?: FaultAt;
  env?: Record<string, string>;
  root?: string;
}

/** Deviations from the default run. */
export interface RunSettings {
  /** For every server. */
  env?: Record<string, string>;
  /** The folder of the run; a new one when absent. */
  folder?: string;
  databaseFile?: string;
  drops?: DropsUnderTest;
}
