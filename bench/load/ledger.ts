/**
 * Records the meaning of a run's answers: acknowledged orders, unknown outcomes, locks and errors.
 */
import { AcknowledgedLog } from './acknowledged.ts';
import type { Verdict } from './outcomes.ts';

const errorSamplesMax = 5;

export class Ledger {
  acknowledged = 0;
  /** Purchases that may be in the file although the client got no answer. */
  unknown = 0;
  /** Answers that mention a lock. */
  lockErrors = 0;
  /** The first few errors in full. */
  readonly errorSamples: string[] = [];
  readonly #log: AcknowledgedLog;

  constructor(acknowledgedFile: string) {
    this.#log = new AcknowledgedLog(acknowledgedFile);
  }

  enter(verdict: Verdict): void {
    if (verdict.order !== undefined) {
      this.acknowledged++;
      this.#log.append(verdict.order);
    }
    if (verdict.unknown) this.unknown++;
    if (verdict.speaksOfLock) this.lockErrors++;
    if (verdict.error !== undefined && this.errorSamples.length < errorSamplesMax) {
      this.errorSamples.push(verdict.error);
    }
  }

  /** Resolves once the list of acknowledged orders is written. */
  close(): Promise<void> {
    return this.#log.close();
  }
}
