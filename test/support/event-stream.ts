/** A client of Server-Sent Events, as in a browser, that records the events it received. */
import { expectDocumentedStock } from './documented.ts';
import { until } from './shop.ts';

export interface ReceivedEvent {
  event: string;
  id: string;
  data: {
    dropId: string;
    phase: string;
    items: { sku: string; available: number; held: number; sold: number }[];
    nextHoldExpiresAt: string | null;
  };
}

export class EventStream {
  readonly received: ReceivedEvent[] = [];
  heartbeats = 0;
  /** How the stream ended: finished by the server, or cut off. Null while it is open. */
  end: 'finished' | 'cut' | null = null;
  #undocumented: Error | null = null;
  readonly #abort = new AbortController();

  /** Rejects where the answer is no event stream. */
  async open(url: string, lastEventId?: string, headers: Record<string, string> = {}): Promise<this> {
    const response = await fetch(url, {
      headers: lastEventId === undefined ? headers : { ...headers, 'last-event-id': lastEventId },
      signal: this.#abort.signal,
    });
    if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw new Error(`No stream: ${response.status} ${await response.text()}`);
    }
    void this.#read(response.body ?? new ReadableStream()).catch((error: unknown) => {
      this.end = 'cut';
      // The waiting test reports an undocumented event; a stream that was only cut is no failure.
      if (error instanceof Error && error.name === 'AssertionError') this.#undocumented = error;
    });
    return this;
  }

  get hasEnded(): boolean {
    return this.end !== null;
  }

  close(): void {
    this.#abort.abort();
  }

  /** Waits for an event that matches. */
  waitFor(fits: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent | undefined> {
    return until(
      async () => {
        if (this.#undocumented) throw this.#undocumented;
        return this.received.find(fits);
      },
      (found) => found !== undefined,
    );
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) this.#take(block);
    }
    this.end = 'finished';
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    const data = fields.get('data');
    if (data === undefined) {
      this.heartbeats += 1;
      return;
    }
    const stock = JSON.parse(data);
    expectDocumentedStock(stock);
    this.received.push({ event: fields.get('event') ?? '', id: fields.get('id') ?? '', data: stock });
  }
}
