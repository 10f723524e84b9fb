/** First in, first out, without moving the remaining entries at each take. */
export class Fifo<T> {
  #entries: T[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }
  peek(): T | undefined {
    return this.#entries[this.#head];
  }
  push(entry: T): void {
    this.#entries.push(entry);
  }
  take(): T | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head === 1024) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
    return entry;
  }
}
