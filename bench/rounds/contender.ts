/**
 * A participant of a comparison: a server that is started fresh, sent the drop's requests, and
 * checked after its stop.
 */
import type { Check } from '../load/check-file.ts';
import type { OpenDrop } from '../load/drop-for-load.ts';

/** The clients' results, apart from the list of acknowledged orders. */
export interface Reported {
  /** Purchases that may be stored although the client got no answer. */
  unknown: number;
  /** Acknowledged payments. */
  paid: number;
}

export interface Running {
  url: string;
  pid: number;
  /** From the start of the process to its first answer, in milliseconds, where it is measured. */
  firstAnswerMs?: number;
  /** The drops to buy from; empty if there is none. */
  drops: readonly OpenDrop[];
  /** Signs the sandbox's webhooks; empty if there is none. */
  secretKey: string;
  stop(): Promise<unknown>;
  /** Checks, after `stop`, that the stored orders are the acknowledged ones. */
  check(acknowledgedFile: string, reported: Reported): Promise<Check[]>;
}

export interface Contender {
  name: string;
  /**
   * Starts a fresh server with all its files in `folder`, which is empty. Rejects if it can't be
   * started.
   */
  start(folder: string): Promise<Running>;
}
