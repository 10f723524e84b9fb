/** What a fault run and its servers are made with, and the crowd that it lets in. */
import type { DropsUnderTest } from './drops-under-test.ts';
import type { FaultAt } from './process/places.ts';
import type { Shoppers } from './shoppers.ts';
import type { TimedClient } from './timed-client.ts';

export interface Crowd {
  client: TimedClient;
  shoppers: Shoppers;
  /** Starts no new calls; resolves once all calls under way are answered. */
  end(): Promise<void>;
}

export interface StartOptions {
  /** Where absent, the server is the real one. */
  fault?: FaultAt;
  env?: Record<string, string>;
  root?: string;
}

/** What a run has that is not as usual. */
export interface RunSettings {
  /** Of every server. */
  env?: Record<string, string>;
  /** Where the run keeps everything; one of its own when absent. */
  folder?: string;
  databaseFile?: string;
  drops?: DropsUnderTest;
}
