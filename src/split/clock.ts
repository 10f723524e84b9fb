/** The source of time. Only a runtime creates a clock, so that tests can replace it. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that never decrease, for deadlines; unaffected by changes of the system clock. */
  monotonicMs(): number;
  /**
   * Calls `task` every `intervalMs` until the returned function is called; does not keep the
   * process alive.
   */
  every(intervalMs: number, task: () => void): () => void;
  /** Calls `task` once everything that has already arrived from the network is processed. */
  soon(task: () => void): void;
  /** Calls `task` once after `delayMs`; does not keep the process alive. */
  after(delayMs: number, task: () => void): void;
}
