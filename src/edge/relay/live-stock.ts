/** Sends a drop's stock to its listeners, over WebSockets that survive the relay's hibernation. */

import type { Config } from '../../config/config.ts';
import { allowedOrigin } from '../../http/cross-origin.ts';
import type { StockSource } from '../../http/live-stock.ts';
import { problem, refuse } from '../../http/problem.ts';
import { tooManyListeners } from '../../http/rate-limits.ts';
import { stockEventId, stockJson } from '../../http/stock-message.ts';
import type { Ids } from '../../ids/ids.ts';
import { ADDRESS_LISTENERS_MAX, EDGE_LISTENERS_MAX, STOCK_INTERVAL_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import { addressIn } from '../address.ts';

export class LiveStock {
  readonly #state: DurableObjectState;
  readonly #stock: StockSource;
  readonly #ids: Ids;
  readonly #clock: Clock;
  readonly #config: Pick<Config, 'corsOrigins' | 'isRateLimitOn'>;
  #isWaiting = false;

  constructor(
    state: DurableObjectState,
    stock: StockSource,
    ids: Ids,
    clock: Clock,
    config: Pick<Config, 'corsOrigins' | 'isRateLimitOn'>,
  ) {
    this.#state = state;
    this.#stock = stock;
    this.#ids = ids;
    this.#clock = clock;
    this.#config = config;
    // The platform answers pings, so that a heartbeat wakes no relay.
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  get hasListeners(): boolean {
    return this.#state.getWebSockets().length > 0;
  }

  /** Connects a listener; the first message is the current stock. */
  connect(request: Request): Response {
    // Browsers apply no CORS to sockets: they send the page's origin, and the server decides.
    if (!this.#mayListen(request)) {
      return problem('forbidden', { detail: 'CORS_ORIGINS does not name the origin of this page.' });
    }
    const drop = this.#stock.snapshot.drops()[0];
    if (!drop?.published) return problem('not_found');
    if (this.#state.getWebSockets().length >= EDGE_LISTENERS_MAX) {
      return refuse({ kind: 'overloaded', retryAfterSeconds: 5 });
    }
    const address = this.#config.isRateLimitOn ? addressIn(request.headers) : null;
    // The platform keeps a socket's tags through hibernation.
    const tags = address === null ? [] : [address];
    if (address !== null && this.#state.getWebSockets(address).length >= ADDRESS_LISTENERS_MAX) {
      return tooManyListeners();
    }
    const [client, server] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    this.#state.acceptWebSocket(server, tags);
    server.send(this.#message() ?? '');
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Whether the origin is allowed. Programs send none; pages of this host need no permission. */
  #mayListen({ url, headers }: Request): boolean {
    const origin = headers.get('origin');
    if (origin === null || allowedOrigin(this.#config.corsOrigins, origin) !== null) return true;
    return URL.canParse(origin) && new URL(origin).host === new URL(url).host;
  }

  /** Sends a change after STOCK_INTERVAL_MS, together with the changes until then. */
  note(): void {
    if (this.#isWaiting || this.#state.getWebSockets().length === 0) return;
    this.#isWaiting = true;
    this.#clock.after(STOCK_INTERVAL_MS, () => {
      this.#isWaiting = false;
      const message = this.#message();
      if (message === null) return;
      for (const socket of this.#state.getWebSockets()) {
        try {
          socket.send(message);
        } catch {
          // The socket has closed; the platform reports its end separately.
        }
      }
    });
  }

  #message(): string | null {
    const drop = this.#stock.snapshot.drops()[0];
    if (!drop) return null;
    const nextHoldExpiresAt = this.#stock.nextHoldExpiresAt(drop.id);
    const data = stockJson(drop, this.#clock.now(), nextHoldExpiresAt, this.#ids);
    return JSON.stringify({ event: 'stock', id: stockEventId(this.#stock.lastSeq(), data.phase), data });
  }
}
