/** What waits for the writer's connection, and in which order it gets it. */

/** What a turn does. */
export interface TurnHost<Batch> {
  /** Whether a transaction is open: everything waits for its end. */
  isTransactionOpen(): boolean;
  /** Whether nothing may be committed now. */
  mustWait(): boolean;
  /** Commits or refuses all batches that have waited. */
  answer(batches: readonly Batch[]): void;
  /** Begins the next waiting transaction; false if there is none. */
  beginNext(): boolean;
}

export class WriterTurns<Batch> {
  readonly #host: TurnHost<Batch>;
  readonly #work: (() => void)[] = [];
  #batches: Batch[] = [];

  constructor(host: TurnHost<Batch>) {
    this.#host = host;
  }

  /** Adds batches for the next turn. */
  add(...batches: readonly Batch[]): void {
    this.#batches.push(...batches);
  }

  /** Does waiting work, in turns: all batches together, then the next transaction. */
  advance(): void {
    while (!this.#host.isTransactionOpen()) {
      for (const work of this.#work.splice(0)) work();
      if (this.#host.mustWait()) return;
      if (this.#batches.length > 0) {
        const batches = this.#batches;
        this.#batches = [];
        this.#host.answer(batches);
      } else if (!this.#host.beginNext()) {
        return;
      }
    }
  }

  /** Runs `work` between transactions: inside one no checkpoint is possible, and no state final. */
  betweenTransactions(work: () => void): void {
    this.#work.push(work);
    this.advance();
  }
}
