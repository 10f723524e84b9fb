/** GET /drops/:id/stock: the stock as it is, then its changes, as Server-Sent Events to very many listeners. */
import { type Context, Hono } from 'hono';
import { phaseOf } from '../domain/drop.ts';
import {
  LISTENER_QUEUE_MESSAGES,
  LISTENERS_MAX,
  LISTENERS_PER_TURN,
  STOCK_HEARTBEAT_MS,
  STOCK_INTERVAL_MAX_MS,
  STOCK_INTERVAL_MS,
  STOCK_MESSAGES_PER_SECOND,
} from '../limits.ts';
import type { Deps } from './deps.ts';
import { problem, refuse } from './problem.ts';
import { stockJson } from './stock-message.ts';

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** A drop that somebody listens to. */
interface Channel {
  dropId: number;
  listeners: Set<Controller>;
  /** What was told last, without its id; the same again is not told. */
  told: string;
  /** On the monotonic clock. */
  toldMs: number;
  heartbeatMs: number;
}

const encoder = new TextEncoder();
const heartbeat = encoder.encode(': \n\n');

class StockHub {
  readonly #deps: Pick<Deps, 'store' | 'ids' | 'clock' | 'isStopping'>;
  readonly #channels = new Map<number, Channel>();
  #listeners = 0;
  #isDirty = false;
  #stop: (() => void) | null = null;

  constructor(deps: Pick<Deps, 'store' | 'ids' | 'clock' | 'isStopping'>) {
    this.#deps = deps;
  }

  get isFull(): boolean {
    return this.#listeners >= LISTENERS_MAX;
  }

  /** `lastEventId` is what the listener has heard already: nothing, where it is the latest. */
  listen(dropId: number, lastEventId: string | undefined): ReadableStream<Uint8Array> {
    const { store } = this.#deps;
    const channel = this.#open(dropId);
    let own: Controller | null = null;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          own = controller;
          channel.listeners.add(controller);
          this.#listeners += 1;
          const seq = store.lastSeq();
          if (lastEventId !== String(seq)) controller.enqueue(message(this.#dataOf(dropId), seq));
          // A listener that has heard all still sees that he is heard.
          else controller.enqueue(heartbeat);
        },
        cancel: () => {
          if (own) this.#leave(channel, own);
        },
      },
      { highWaterMark: LISTENER_QUEUE_MESSAGES },
    );
  }

  #open(dropId: number): Channel {
    const known = this.#channels.get(dropId);
    if (known) return known;
    const { clock, store } = this.#deps;
    const nowMs = clock.monotonicMs();
    const channel: Channel = {
      ...{ dropId, listeners: new Set<Controller>(), told: this.#dataOf(dropId) },
      ...{ toldMs: nowMs, heartbeatMs: nowMs },
    };
    this.#channels.set(dropId, channel);
    if (!this.#stop) {
      const stopListening = store.snapshot.onChange(() => {
        this.#isDirty = true;
      });
      const stopTicking = clock.every(STOCK_INTERVAL_MS, () => this.#tick());
      this.#stop = () => {
        stopListening();
        stopTicking();
        this.#stop = null;
      };
    }
    return channel;
  }

  #leave(channel: Channel, listener: Controller): void {
    if (!channel.listeners.delete(listener)) return;
    this.#listeners -= 1;
    if (channel.listeners.size > 0) return;
    this.#channels.delete(channel.dropId);
    if (this.#channels.size === 0) this.#stop?.();
  }

  #dataOf(dropId: number): string {
    const { store, ids, clock } = this.#deps;
    const drop = store.snapshot.get(dropId);
    if (!drop) return '';
    return JSON.stringify(stockJson(drop, clock.now(), store.reads.nextHoldExpiresAt(dropId), ids));
  }

  /** The more listen, the rarer a change is told: all of them together hear a bounded number of messages a second. */
  #intervalMs(channel: Channel): number {
    const fairMs = (channel.listeners.size * 1000) / STOCK_MESSAGES_PER_SECOND;
    return Math.min(STOCK_INTERVAL_MAX_MS, Math.max(STOCK_INTERVAL_MS, fairMs));
  }

  #tick(): void {
    const { store, clock, isStopping } = this.#deps;
    const nowMs = clock.monotonicMs();
    const mayHaveChanged = this.#isDirty;
    this.#isDirty = false;
    for (const channel of this.#channels.values()) {
      if (isStopping()) {
        this.#end(channel);
        continue;
      }
      if (nowMs - channel.toldMs < this.#intervalMs(channel)) {
        this.#isDirty ||= mayHaveChanged;
        continue;
      }
      const drop = store.snapshot.get(channel.dropId);
      const isOver = !drop?.published || phaseOf(drop, clock.now()) === 'ended';
      const data =
        mayHaveChanged || isOver || this.#hasNewPhase(channel) ? this.#dataOf(channel.dropId) : channel.told;
      if (data !== channel.told) {
        channel.told = data;
        channel.toldMs = nowMs;
        channel.heartbeatMs = nowMs;
        this.#push(channel, message(data, store.lastSeq()));
      } else if (nowMs - channel.heartbeatMs >= STOCK_HEARTBEAT_MS) {
        channel.heartbeatMs = nowMs;
        this.#push(channel, heartbeat);
      }
      if (isOver) this.#end(channel);
    }
  }

  /** The clock alone begins and ends a drop. */
  #hasNewPhase({ dropId, told }: Channel): boolean {
    const drop = this.#deps.store.snapshot.get(dropId);
    return drop !== undefined && !told.includes(`"phase":"${phaseOf(drop, this.#deps.clock.now())}"`);
  }

  /** A few in each turn of the event loop, so that purchases have theirs between. */
  #push(channel: Channel, bytes: Uint8Array): void {
    const waiting = [...channel.listeners].values();
    const next = (): void => {
      for (let count = 0; count < LISTENERS_PER_TURN; count += 1) {
        const { value: listener, done } = waiting.next();
        if (done) return;
        if (!channel.listeners.has(listener)) continue;
        // Who takes nothing any more is not waited for: nothing piles up.
        if ((listener.desiredSize ?? 0) <= 0) {
          this.#leave(channel, listener);
          listener.error(new Error('A listener was too slow.'));
        } else listener.enqueue(bytes);
      }
      this.#deps.clock.soon(next);
    };
    next();
  }

  /** The last message has been told: nothing more will come. */
  #end(channel: Channel): void {
    this.#deps.clock.after(STOCK_INTERVAL_MS, () => {
      for (const listener of [...channel.listeners]) {
        this.#leave(channel, listener);
        listener.close();
      }
    });
  }
}

const message = (data: string, seq: number): Uint8Array =>
  encoder.encode(`event: stock\nid: ${seq}\ndata: ${data}\n\n`);

export function liveStockRoutes(deps: Deps) {
  const hub = new StockHub(deps);
  return new Hono().get('/drops/:id/stock', (c: Context) => {
    const drop = deps.store.snapshot.find(c.req.param('id') ?? '');
    if (!drop?.published) return problem('not_found');
    if (hub.isFull) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
    return new Response(hub.listen(drop.id, c.req.header('last-event-id')), {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // For proxies that would gather what should go out at once.
        'x-accel-buffering': 'no',
      },
    });
  });
}
