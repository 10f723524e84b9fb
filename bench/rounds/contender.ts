/** What takes part in a comparison: a server that can be started fresh, offered the drop's requests, and checked after its end. */
import type { Check } from '../load/check-file.ts';

export interface Running {
  url: string;
  pid: number;
  /** What buyers ask for; empty where there is no drop. */
  dropId: string;
  skus: readonly string[];
  stop(): Promise<unknown>;
  /** After `stop`: whether what is stored is what was acknowledged. */
  check(acknowledgedFile: string, unknown: number): Promise<Check[]>;
}

export interface Contender {
  name: string;
  /** Starts it anew; everything it leaves goes into `folder`, which is empty. Rejects where it can't be started. */
  start(folder: string): Promise<Running>;
}
