/**
 * A generator's record of its answers: counts, and a list of acknowledged orders to compare the
 * database with.
 */
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import type { Judged } from './outcomes.ts';

export interface AcknowledgedOrder {
  /** Public id. */
  id: string;
  sku: string;
  quantity: number;
  /** Set if the answer was a replay. */
  isReplay?: true;
}

const flushChars = 65_536;
const errorSamplesMax = 5;

/**
 * Appends one line per order, many lines per write. A crowd's `Ledger` writes each call at once,
 * which is too slow for a generator.
 */
export class AcknowledgedLog {
  acknowledged = 0;
  /** Purchases that may be in the file although the client got no answer. */
  unknown = 0;
  /** Answers that mention a lock. */
  lockErrors = 0;
  /** The first few errors in full. */
  readonly errorSamples: string[] = [];
  readonly #stream: WriteStream;
  #pending = '';

  constructor(file: string) {
    this.#stream = createWriteStream(file, { flags: 'wx' });
  }

  enter(judged: Judged): void {
    if (judged.order !== undefined) {
      this.acknowledged += 1;
      this.#append(judged.order);
    }
    if (judged.unknown) this.unknown += 1;
    if (judged.speaksOfLock) this.lockErrors += 1;
    if (judged.error !== undefined && this.errorSamples.length < errorSamplesMax) {
      this.errorSamples.push(judged.error);
    }
  }

  /** Resolves once everything is written; rejects if any write failed. */
  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve, reject) => {
      this.#stream.once('error', reject).end(resolve);
    });
  }

  #append(order: AcknowledgedOrder): void {
    this.#pending += `${order.id} ${order.sku} ${order.quantity}${order.isReplay ? ' replay' : ''}\n`;
    if (this.#pending.length >= flushChars) this.#flush();
  }

  #flush(): void {
    this.#stream.write(this.#pending);
    this.#pending = '';
  }
}

/** Reads the list. Throws on an invalid line. */
export function readAcknowledged(file: string): AcknowledgedOrder[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error(`${file} ends within a line.`);
  return lines.map((line) => {
    const [id, sku, quantity, word, ...rest] = line.split(' ');
    const isWord = word === undefined || word === 'replay';
    if (id === undefined || sku === undefined || !isWord || rest.length > 0 || !(Number(quantity) > 0)) {
      throw new Error(`${file} contains a line that is not an order: ${line}`);
    }
    return { id, sku, quantity: Number(quantity), ...(word && { isReplay: true }) };
  });
}
