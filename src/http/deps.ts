/** What the routes are given: everything they may know of the world outside a request. */

import type { ShopDatabase } from '../database/shop-database.ts';
import type { Receiver } from '../domain/receiver.ts';
import type { Reconciliation } from '../domain/reconciliation.ts';
import type { Jurisdiction, LocationHint } from '../domain/shard.ts';
import type { Ids } from '../ids/ids.ts';
import type { Log } from '../log.ts';
import type { MetricsState } from '../metrics.ts';
import type { PaymentProvider } from '../payments/provider.ts';
import type { SandboxProvider } from '../payments/sandbox.ts';
import type { Clock } from '../split/clock.ts';
import type { Trace } from '../trace.ts';

import type { Family } from './metrics-text.ts';
import type { RateLimits } from './rate-limits.ts';

/** The texts of uPlot, read when they are first asked for. */
export interface PlotFiles {
  script(): string;
  style(): string;
}

export interface Deps {
  db: ShopDatabase;
  ids: Ids;
  clock: Clock;
  log: Log;
  /** Who takes money, by name. */
  providers: ReadonlyMap<string, PaymentProvider>;
  /** Present only where the sandbox is on: its pay page is served then. */
  sandbox: SandboxProvider | null;
  /** Null: nothing is limited. */
  rateLimits: RateLimits | null;
  /** Asks the providers about every checkout whose end is not known. */
  reconcile: () => Promise<Reconciliation>;
  /** SHA-256 of ADMIN_TOKEN; null: nobody holds it. */
  adminTokenHash: Buffer | null;
  /** Seconds a hold lasts where its drop does not say. */
  holdSeconds: number;
  /** Whether the snapshot counts every unit that a purchase can get; a shard may fetch some from the others. */
  countsAllUnits: boolean;
  /** Shards that a drop may be split over: 1 where there is one writer. */
  shardsMax: number;
  /** Where new drops can be kept; absent on a machine, which keeps all of them itself. */
  locations?: { jurisdictions: readonly Jurisdiction[]; hints: readonly LocationHint[] };
  /** Origins whose pages may call the public API; empty or absent: only our own. */
  corsOrigins?: readonly string[];
  /** The origin that buyers see. */
  publicUrl: () => string;
  /** What the other threads of this process that serve HTTP have counted. */
  otherMetrics: () => Promise<readonly MetricsState[]>;
  /** What the process takes, for /metrics. */
  processFamilies: () => readonly Family[];
  /** Who is told what happens. */
  receivers: readonly Receiver[];
  /** The library that draws the dashboard's plots. */
  plotFiles: PlotFiles;
  /** Where requests are traced. */
  trace?: Trace | undefined;
  /** For /version. */
  version: string;
  runtime: string;
  /** The command that makes operator tokens, as it is typed where this runs; null where there is none but ADMIN_TOKEN. */
  tokensCommand: string | null;
  /** The process has begun to go away: /readyz says so, requests are still answered. */
  isStopping: () => boolean;
}
