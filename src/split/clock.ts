/** Time as the rest of the house may see it; only a runtime makes one, so that tests can make another. */

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds that only ever grow, for deadlines: a changed system clock does not move them. */
  monotonicMs(): number;
  /** Calls `task` each `intervalMs` until the returned function is called; never keeps the process alive. */
  every(intervalMs: number, task: () => void): () => void;
  /** Calls `task` once what has already arrived from the network has been looked at. */
  soon(task: () => void): void;
  /** Calls `task` once after `delayMs`; never keeps the process alive. */
  after(delayMs: number, task: () => void): void;
}
