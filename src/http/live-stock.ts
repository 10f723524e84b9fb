/** GET /drops/:id/stock: streams the stock and its changes to many listeners, by SSE. */
import type { Context } from 'hono';
import { orderReads } from '../database/order-reads.ts';
import type { ShopDatabase } from '../database/shop-database.ts';
import type { Snapshot } from '../database/snapshot.ts';
import { type Drop, type DropPhase, phaseOf } from '../domain/drop.ts';
import {
  LISTENER_QUEUE_MESSAGES,
  LISTENERS_MAX,
  LISTENERS_PER_TURN,
  STOCK_HEARTBEAT_MS,
  STOCK_INTERVAL_MAX_MS,
  STOCK_INTERVAL_MS,
  STOCK_MESSAGES_PER_SECOND,
} from '../limits.ts';
import { isHead } from '../workarounds/unread-head.ts';
import type { Deps } from './deps.ts';
import { publicOperations, textHeader } from './operation.ts';
import { problem, refuse } from './problem.ts';
import { publicRoutes } from './public-routes.ts';
import { requestedDrop } from './requested-drop.ts';
import { stockEventId, stockJson } from './stock-message.ts';

type Controller = ReadableStreamDefaultController<Uint8Array>;

/** The stock of a drop, until a commit replaces the drop or the clock changes its phase. */
interface Stock {
  drop: Drop;
  phase: DropPhase;
  json: string;
}

/** A drop with listeners. */
interface Channel {
  stock: Stock;
  /** Each with a function to call when it ends. */
  listeners: Map<Controller, () => void>;
  /** The last message, without its id; an identical one is not sent. */
  lastJson: string;
  /** On the monotonic clock. */
  sentMs: number;
  heartbeatMs: number;
}

const encoder = new TextEncoder();
const heartbeat = encoder.encode(': \n\n');

/** Source of the stock: a database, or at the edge the relay that knows all shards. */
export interface StockSource {
  readonly snapshot: Snapshot;
  /** When the next hold of a drop expires; null if nothing is held. */
  nextHoldExpiresAt(dropId: number): number | null;
  /** The number of the last event that the snapshot contains. */
  lastSeq(): number;
}

/** The stock of a database's drops. */
export const stockOf = (db: ShopDatabase): StockSource => ({
  snapshot: db.snapshot,
  nextHoldExpiresAt: (dropId) => orderReads(db).nextHoldExpiresAt(dropId),
  lastSeq: () => db.lastSeq(),
});

interface StockDeps extends Pick<Deps, 'ids' | 'clock' | 'isStopping'> {
  stock: StockSource;
}

export class StockHub {
  readonly #deps: StockDeps;
  readonly #channels = new Map<number, Channel>();
  #listeners = 0;
  #stopTicking: (() => void) | null = null;

  constructor(deps: StockDeps) {
    this.#deps = deps;
  }

  get hasListeners(): boolean {
    return this.#listeners > 0;
  }

  get isFull(): boolean {
    return this.#listeners >= LISTENERS_MAX;
  }

  /** `lastEventId` is the last event that the listener received. `onEnd` is called once. */
  listen(drop: Drop, lastEventId: string | undefined, onEnd: () => void): ReadableStream<Uint8Array> {
    const channel = this.#open(drop);
    let own: Controller | null = null;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          own = controller;
          channel.listeners.set(controller, onEnd);
          this.#listeners += 1;
          const id = this.#idOf(channel.stock);
          if (lastEventId !== id) controller.enqueue(message(channel.stock, id));
          // A listener that is up to date still learns that the connection works.
          else controller.enqueue(heartbeat);
        },
        cancel: () => {
          if (own) this.#leave(channel, own);
        },
      },
      { highWaterMark: LISTENER_QUEUE_MESSAGES },
    );
  }

  /** The channel of a drop, with its current stock. */
  #open(drop: Drop): Channel {
    const known = this.#channels.get(drop.id);
    const stock = this.#stockOf(drop, known?.stock);
    if (known) {
      known.stock = stock;
      return known;
    }
    const { clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    const channel: Channel = {
      stock,
      listeners: new Map(),
      lastJson: stock.json,
      sentMs: nowMs,
      heartbeatMs: nowMs,
    };
    this.#channels.set(drop.id, channel);
    this.#stopTicking ??= clock.every(STOCK_INTERVAL_MS, () => this.#tick());
    return channel;
  }

  #leave(channel: Channel, listener: Controller): void {
    const onEnd = channel.listeners.get(listener);
    if (!onEnd) return;
    channel.listeners.delete(listener);
    this.#listeners -= 1;
    onEnd();
    if (channel.listeners.size > 0) return;
    this.#channels.delete(channel.stock.drop.id);
    if (this.#channels.size > 0) return;
    this.#stopTicking?.();
    this.#stopTicking = null;
  }

  /** Returns `last` while current, so that the next hold is looked up once per commit. */
  #stockOf(drop: Drop, last?: Stock): Stock {
    const { stock, ids, clock } = this.#deps;
    const now = clock.now();
    const phase = phaseOf(drop, now);
    if (last?.drop === drop && last.phase === phase) return last;
    // If nothing is held, the query would scan the holds of all other drops.
    const isHeld = drop.items.some(({ held }) => held > 0);
    const nextHoldExpiresAt = isHeld ? stock.nextHoldExpiresAt(drop.id) : null;
    return { drop, phase, json: JSON.stringify(stockJson(drop, now, nextHoldExpiresAt, ids)) };
  }

  #idOf({ phase }: Stock): string {
    return stockEventId(this.#deps.stock.lastSeq(), phase);
  }

  /** The more listeners, the rarer the updates: together they get a bounded number a second. */
  #intervalMs(channel: Channel): number {
    const fairMs = (channel.listeners.size * 1000) / STOCK_MESSAGES_PER_SECOND;
    return Math.min(STOCK_INTERVAL_MAX_MS, Math.max(STOCK_INTERVAL_MS, fairMs));
  }

  #tick(): void {
    const { stock: source, clock, isStopping } = this.#deps;
    const nowMs = clock.monotonicMs();
    for (const [dropId, channel] of this.#channels) {
      const drop = source.snapshot.get(dropId);
      if (isStopping() || !drop) {
        this.#end(channel);
        continue;
      }
      if (nowMs - channel.sentMs < this.#intervalMs(channel)) continue;
      const stock = this.#stockOf(drop, channel.stock);
      channel.stock = stock;
      if (stock.json !== channel.lastJson) {
        channel.lastJson = stock.json;
        channel.sentMs = nowMs;
        channel.heartbeatMs = nowMs;
        this.#push(channel, message(stock, this.#idOf(stock)));
      } else if (nowMs - channel.heartbeatMs >= STOCK_HEARTBEAT_MS) {
        channel.heartbeatMs = nowMs;
        this.#push(channel, heartbeat);
      }
      if (!drop.published || stock.phase === 'ended') this.#end(channel);
    }
  }

  /** Serves a few listeners per turn of the event loop, so that purchases get theirs in between. */
  #push(channel: Channel, bytes: Uint8Array): void {
    const waiting = [...channel.listeners.keys()].values();
    const next = (): void => {
      for (let count = 0; count < LISTENERS_PER_TURN; count += 1) {
        const { value: listener, done } = waiting.next();
        if (done) return;
        if (!channel.listeners.has(listener)) continue;
        // Drop listeners that stopped reading, so that no messages pile up.
        if ((listener.desiredSize ?? 0) <= 0) {
          this.#leave(channel, listener);
          listener.error(new Error('A listener was too slow.'));
        } else listener.enqueue(bytes);
      }
      this.#deps.clock.soon(next);
    };
    next();
  }

  /** Ends all streams after the last message. */
  #end(channel: Channel): void {
    this.#deps.clock.after(STOCK_INTERVAL_MS, () => {
      for (const listener of [...channel.listeners.keys()]) {
        this.#leave(channel, listener);
        listener.close();
      }
    });
  }
}

const message = ({ json }: Stock, id: string): Uint8Array =>
  encoder.encode(`event: stock\nid: ${id}\ndata: ${json}\n\n`);

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Keeps proxies from buffering events.
  'x-accel-buffering': 'no',
};

export const stockOperations = publicOperations([
  {
    id: 'watchStock',
    method: 'get',
    path: '/drops/:id/stock',
    tag: 'Drops',
    summary: 'Stream the stock and its changes as Server-Sent Events',
    description:
      'Each `stock` event carries a Stock as its data. Its id is the number of the last log event that it includes, with the phase of the drop (`1042-live`). The server sends at most ten events a second, and a comment every few seconds to keep the connection open. The stream ends with the drop.',
    access: 'public',
    headers: { 'Last-Event-ID': textHeader('Id of the last event received. The stream continues after it.') },
    answers: [{ status: 200, description: 'A stream of events.', type: 'text/event-stream' }],
    refusals: ['not_found', 'overloaded', 'rate_limited'],
  },
]);

export function liveStockRoutes(deps: StockDeps & Pick<Deps, 'rateLimits'>, hub = new StockHub(deps)) {
  const watchStock = (c: Context): Response | Promise<Response> => {
    const drop = requestedDrop(deps.stock, c);
    if (!drop?.published) return problem('not_found');
    if (hub.isFull) return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
    if (isHead(c)) return new Response(null, { headers });
    const onEnd = deps.rateLimits?.limitListeners(c) ?? (() => undefined);
    if (onEnd instanceof Response) return onEnd;
    return new Response(hub.listen(drop, c.req.header('last-event-id'), onEnd), { headers });
  };
  return publicRoutes(stockOperations, { watchStock });
}
