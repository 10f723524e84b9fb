/** Records requests and answers outside the server, in an append-only file of JSON lines. */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface PurchaseInvoked {
  call: 'purchase';
  /** The Idempotency-Key, which also names the call in the ledger. */
  key: string;
  dropId: string;
  sku: string;
  quantity: number;
  /** Index of the customer, which determines their contact. */
  customer: number;
}

interface OrderInvoked {
  call: 'cancel' | 'pay';
  key: string;
  orderId: string;
}

export type Invoked = PurchaseInvoked | OrderInvoked;

export type Result =
  /** `body` is the unchanged body of the answer. */
  | { kind: 'ok'; orderId: string; body: string }
  | { kind: 'refused'; code: string }
  | { kind: 'unknown'; reason: string };

/** A call and its last result; null while there is none. */
export interface Call {
  invoked: Invoked;
  result: Result | null;
}

type Line = ({ kind: 'invoke' } & Invoked) | (Result & { key: string });

export class Ledger {
  readonly file: string;
  readonly #descriptor: number;
  readonly #calls = new Map<string, Call>();

  /** Opens the ledger of a folder; creates both where they are absent. */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, 'calls.jsonl');
    if (existsSync(this.file)) {
      for (const line of readFileSync(this.file, 'utf8').split('\n')) {
        if (line !== '') this.#apply(JSON.parse(line) as Line);
      }
    }
    this.#descriptor = openSync(this.file, 'a');
  }

  /** Records a request. Call it before the request is sent. Throws if the key is in use. */
  invoke(invoked: Invoked): void {
    this.#append({ kind: 'invoke', ...invoked });
  }

  /** Records a result. A later result may replace an unknown one only. */
  settle(key: string, result: Result): void {
    this.#append({ key, ...result });
  }

  calls(): Call[] {
    return [...this.#calls.values()];
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #append(line: Line): void {
    this.#apply(line);
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }

  #apply(line: Line): void {
    const call = this.#calls.get(line.key);
    if (line.kind === 'invoke') {
      if (call) throw new Error(`The key ${line.key} is in use.`);
      const { kind: _, ...invoked } = line;
      this.#calls.set(line.key, { invoked, result: null });
      return;
    }
    if (!call) throw new Error(`No request was recorded with the key ${line.key}.`);
    if (call.result !== null && call.result.kind !== 'unknown')
      throw new Error(`The call ${line.key} already has a definite answer.`);
    const { key: _, ...result } = line;
    call.result = result;
  }
}
