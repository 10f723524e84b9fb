/** What takes part in a comparison: a server that can be started fresh, offered the drop's requests, and checked after its end. */
import type { Check } from '../load/check-file.ts';
import type { OpenDrop } from '../load/drop-for-load.ts';

/** What the clients were told beside the list of acknowledged orders. */
export interface Told {
  /** Purchases that may be stored although nobody was told. */
  unknown: number;
  /** Payments that were acknowledged. */
  paid: number;
}

export interface Running {
  url: string;
  pid: number;
  /** What buyers ask for; empty where there is no drop. */
  drops: readonly OpenDrop[];
  /** Signs the webhooks of the sandbox; empty where there is none. */
  secretKey: string;
  stop(): Promise<unknown>;
  /** After `stop`: whether what is stored is what was acknowledged. */
  check(acknowledgedFile: string, told: Told): Promise<Check[]>;
}

export interface Contender {
  name: string;
  /** Starts it anew; everything it leaves goes into `folder`, which is empty. Rejects where it can't be started. */
  start(folder: string): Promise<Running>;
}
