/** Dependencies of the routes: everything outside a request that they may use. */

import type { ShopDatabase } from '../database/shop-database.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import type { Jurisdiction, LocationHint } from '../domain/shard.ts';
import type { SubscriberInfo } from '../domain/subscriber-info.ts';
import type { Ids } from '../ids/ids.ts';
import type { Log } from '../log.ts';
import type { MetricsState } from '../metrics.ts';
import type { PaymentProvider } from '../payments/provider.ts';
import type { SandboxProvider } from '../payments/sandbox.ts';
import type { Clock } from '../split/clock.ts';
import type { Trace } from '../trace.ts';

import type { Family } from './metrics-text.ts';
import type { PageFiles } from './page-file-routes.ts';
import type { RateLimits } from './rate-limits.ts';

export interface Deps {
  db: ShopDatabase;
  ids: Ids;
  clock: Clock;
  log: Log;
  /** Payment providers by name. */
  providers: ReadonlyMap<string, PaymentProvider>;
  /** Null if the sandbox is off; otherwise its pay page is served. */
  sandbox: SandboxProvider | null;
  /** Null: no rate limits. */
  rateLimits: RateLimits | null;
  /** Checks every open checkout with its provider. */
  reconcile: () => Promise<Reconciliation>;
  /** SHA-256 of ADMIN_TOKEN; null: not set. */
  adminTokenHash: Buffer | null;
  /** Seconds that a hold lasts if its drop does not specify it. */
  holdSeconds: number;
  /** Whether the snapshot counts every unit for sale; a shard may fetch some from others. */
  countsAllUnits: boolean;
  /** Most shards that a drop may be split into: 1 with a single writer. */
  shardsMax: number;
  /** Where new drops can be stored; absent on a machine, which stores all drops itself. */
  locations?: { jurisdictions: readonly Jurisdiction[]; hints: readonly LocationHint[] };
  /** Origins whose pages may call the public API; empty or absent: only our own. */
  corsOrigins?: readonly string[];
  /** The origin that buyers see. */
  publicUrl: () => string;
  /** Counters of the other threads of this process that serve HTTP. */
  otherMetrics: () => Promise<readonly MetricsState[]>;
  /** Resource use of the process, for /metrics. */
  processFamilies: () => readonly Family[];
  /** Configured recipients of events. */
  subscribers: readonly SubscriberInfo[];
  pageFiles: PageFiles;
  /** Traces requests if set. */
  trace?: Trace | undefined;
  /** For /version. */
  version: string;
  runtime: string;
  /** The command that creates operator tokens in this runtime; null if only ADMIN_TOKEN exists. */
  tokensCommand: string | null;
  /** Whether the process is shutting down: /readyz reports it, requests are still answered. */
  isStopping: () => boolean;
}
