/** Time for the rest of the program; only a runtime creates clocks, so that tests can too. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that only ever grow, for deadlines: unaffected by the system clock. */
  monotonicMs(): number;
  /** Calls `task` every `intervalMs` until the result is called; never keeps the process alive. */
  every(intervalMs: number, task: () => void): () => void;
  /** Calls `task` after everything that has already arrived from the network was processed. */
  soon(task: () => void): void;
  /** Calls `task` once after `delayMs`; never keeps the process alive. */
  after(delayMs: number, task: () => void): void;
}
