/** What the bench of an overload and the process that makes one say to each other. */
import type { ArrivalPlan } from '../../src/crowd/arrivals.ts';
import type { Percentiles } from '../../src/crowd/percentiles.ts';
import type { Target } from '../load/requests.ts';

export interface OverloadPlan {
  arrivals: ArrivalPlan;
  target: Target;
  connections: number;
  connectionsMax: number;
  acknowledgedFile: string;
}

export interface OverloadResult {
  offered: number;
  /** From the first arrival to the last, which is longer than was planned where the process could not keep up. */
  offeredMs: number;
  held: number;
  /** Told that they may come back, because the server had too much to do. */
  shed: number;
  soldOut: number;
  /** Nobody could be sent: every connection was waiting for an answer. */
  dropped: number;
  errors: number;
  unknown: number;
  errorSamples: string[];
  /** From when an arrival was due. */
  heldMs: Percentiles;
  shedMs: Percentiles;
  soldOutMs: Percentiles;
  /** How late the process itself began to send. */
  latenessMs: Percentiles;
}
