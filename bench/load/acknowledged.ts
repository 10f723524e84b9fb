/** The list of acknowledged orders that a generator writes, to check the database file against. */
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';

export interface AcknowledgedOrder {
  /** Public id. */
  id: string;
  sku: string;
  quantity: number;
  /** Set if the answer was a replay. */
  isReplay?: true;
}

const flushChars = 65_536;

/** Appends one line per order, many lines per write. */
export class AcknowledgedLog {
  readonly #stream: WriteStream;
  #pending = '';

  constructor(file: string) {
    this.#stream = createWriteStream(file, { flags: 'wx' });
  }

  append(order: AcknowledgedOrder): void {
    this.#pending += `${order.id} ${order.sku} ${order.quantity}${order.isReplay ? ' replay' : ''}\n`;
    if (this.#pending.length >= flushChars) this.#flush();
  }

  /** Resolves once everything is written; rejects if any write failed. */
  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve, reject) => {
      this.#stream.once('error', reject).end(resolve);
    });
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
      throw new Error(`${file} holds a line that is no order: ${line}`);
    }
    return { id, sku, quantity: Number(quantity), ...(word && { isReplay: true }) };
  });
}
