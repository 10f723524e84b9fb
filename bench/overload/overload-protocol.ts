/**
 * The messages between the overload benchmark and its generator process: the plan, and the result.
 */
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
  /** From the first arrival to the last; longer than planned if the process could not keep up. */
  offeredMs: number;
  held: number;
  /** Refused as overloaded. */
  shed: number;
  soldOut: number;
  /** Not sent, because every connection was waiting for an answer. */
  dropped: number;
  errors: number;
  unknown: number;
  errorSamples: string[];
  /** From an arrival's due time. */
  heldMs: Percentiles;
  shedMs: Percentiles;
  soldOutMs: Percentiles;
  /** How late the process itself sent its requests. */
  latenessMs: Percentiles;
}

/** The content of the file that `--json` names. */
export interface OverloadVerdict {
  /** The number of broken promises. */
  violations: number;
  seconds: number;
  figures: string;
}
