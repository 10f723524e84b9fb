/**
 * A relay of a drop: reads its shards for the Workers of a region, and serves live listeners.
 * Stores nothing.
 */
import { DurableObject } from 'cloudflare:workers';
import { Hono } from 'hono';
import { dropPresentation } from '../../answers/representation.ts';
import { shardOf } from '../../domain/shard.ts';
import { liveStockRoutes, StockHub } from '../../http/live-stock.ts';
import { problem } from '../../http/problem.ts';
import { createRateLimits } from '../../http/rate-limits.ts';
import { createIds } from '../../ids/ids.ts';
import { edgeAddress } from '../address.ts';
import { Catalogue } from '../catalogue.ts';
import { edgeClock as clock } from '../clock.ts';
import { edgeConfig } from '../config.ts';
import type { KeyPosition } from '../key-filter.ts';
import { createEdgeLog } from '../log.ts';
import { Objects } from '../objects.ts';
import type { ShardState } from '../published.ts';
import { RELAY_RETRY_MS } from './limits.ts';
import { LiveStock } from './live-stock.ts';
import type { LeasedDrop } from './published-drops.ts';
import { dropOfRelay } from './relays.ts';
import { ShardStates } from './shard-states.ts';

export class DropRelay extends DurableObject<Env> {
  readonly #states: ShardStates;
  readonly #sockets: LiveStock;
  readonly #streams: StockHub;
  readonly #app: Hono;
  /** Shards that report their changes to this relay. */
  readonly #reporting = new Set<number>();
  /** Clients that are about to become listeners. */
  #arriving = 0;
  #isRetrying = false;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    const { name = '' } = state.id;
    const dropId = dropOfRelay(name);
    const config = edgeConfig(env);
    const ids = createIds(config.secretKey);
    const shards = new Objects(env.DROPS, createEdgeLog(config.logLevel), clock, Math.random);
    this.#states = new ShardStates({
      dropId,
      read: async (shardId, keys) => {
        const relay = this.#hasListeners ? name : null;
        const published = await shards.call(shardId, async (stub) => stub.published(relay, keys), true);
        if (published && relay !== null) this.#reporting.add(shardId);
        return published;
      },
      readCatalogue: (count) => new Catalogue(env.CATALOGUE).shards(dropId, count),
      clock,
      presentation: dropPresentation(ids),
    });
    this.#sockets = new LiveStock(state, this.#states, ids, clock, config);
    this.#states.snapshot.onChange(() => this.#sockets.note());
    const rateLimits = config.isRateLimitOn ? createRateLimits(edgeAddress, clock) : null;
    const deps = { stock: this.#states, ids, clock, rateLimits, isStopping: () => false };
    this.#streams = new StockHub(deps);
    this.#app = new Hono().route('/', liveStockRoutes(deps, this.#streams));
  }

  /**
   * Returns what Workers may show and refuse by; null without a drop. `unseen` are shards to read
   * again; `keys` is the Worker's version of each shard's filter.
   */
  async lease(unseen: readonly number[], keys: readonly (KeyPosition | null)[]): Promise<LeasedDrop | null> {
    await this.#states.refresh((shardId) => unseen.includes(shardId));
    return this.#states.lease(keys);
  }

  /** Applies the state of a shard after a change; false if there are no listeners left. */
  async report(shardId: number, state: ShardState): Promise<boolean> {
    if (!this.#hasListeners) {
      this.#reporting.delete(shardId);
      return false;
    }
    this.#reporting.add(shardId);
    this.#states.note(shardOf(shardId), state);
    // After an eviction, take the other shards' state from the catalogue instead of waking them.
    if (!this.#states.isWhole) await this.#states.fill().catch(() => this.#states.refresh(() => false));
    return true;
  }

  /** Connects a listener, by WebSocket or server-sent events. */
  override async fetch(request: Request): Promise<Response> {
    this.#arriving += 1;
    try {
      await this.#haveReports();
      if (this.#states.shards === 0) return problem('not_found');
      if (request.headers.get('upgrade')?.toLowerCase() === 'websocket')
        return this.#sockets.connect(request);
      const headers = new Headers(request.headers);
      // The sum of several shards' event numbers can repeat for another stock, so no stream resumes
      // by it.
      if (this.#states.shards > 1) headers.delete('last-event-id');
      return await this.#app.fetch(new Request(request, { headers }));
    } finally {
      this.#arriving -= 1;
    }
  }

  override webSocketMessage(): void {
    // Listeners send nothing but pings, which the platform answers.
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  get #hasListeners(): boolean {
    return this.#arriving > 0 || this.#sockets.hasListeners || this.#streams.hasListeners;
  }

  /**
   * Reads every shard that does not report here yet; retries unreachable shards while there are
   * listeners.
   */
  async #haveReports(): Promise<void> {
    if (this.#isReportedByAll) return;
    await this.#states.refresh((shardId) => !this.#reporting.has(shardId));
    if (this.#states.shards === 0 || this.#isReportedByAll) return;
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    clock.after(RELAY_RETRY_MS, () => {
      this.#isRetrying = false;
      if (this.#hasListeners) this.#haveReports().catch(() => undefined);
    });
  }

  get #isReportedByAll(): boolean {
    return this.#states.isWhole && this.#reporting.size >= this.#states.shards;
  }
}
