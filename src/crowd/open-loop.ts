/**
 * An open loop: sends requests when they are due, however slow the server is, over a pool of
 * connections.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ArrivalPlan, type Arrivals, scheduleArrivals } from './arrivals.ts';
import { ConnectionPool, type PoolSize } from './connection-pool.ts';
import { HttpConnection } from './http-connection.ts';
import { startOnTime } from './pacing.ts';

export interface OpenLoopPlan {
  host: string;
  port: number;
  arrivals: ArrivalPlan;
  pool: PoolSize;
}

/** Handles an arrival. `connection` is undefined if all were busy, and the arrival is dropped. */
export type Arrive = (connection: HttpConnection | undefined, dueMs: number, isRead: boolean) => void;

/** Delay between opening the loop and its first possible arrival. */
export const START_DELAY_MS = 100;
/** A request without an answer fails after this time. */
const answerDeadlineMs = 30_000;
const sweepEveryMs = 1_000;

export class OpenLoop {
  readonly pool: ConnectionPool;
  /** Time zero of the arrivals, by performance.now(). */
  readonly startMs = performance.now() + START_DELAY_MS;
  readonly #arrivals: Arrivals;
  readonly #sweeper: NodeJS.Timeout;

  private constructor(pool: ConnectionPool, arrivals: Arrivals) {
    this.pool = pool;
    this.#arrivals = arrivals;
    this.#sweeper = setInterval(() => pool.expire(answerDeadlineMs), sweepEveryMs);
  }

  /** Opens the first connections. Rejects if the server refuses one. */
  static async open({ host, port, arrivals, pool }: OpenLoopPlan): Promise<OpenLoop> {
    const schedule = scheduleArrivals(arrivals);
    const connections = await ConnectionPool.open(() => new HttpConnection(host, port), pool);
    return new OpenLoop(connections, schedule);
  }

  /** The number of arrivals. */
  get count(): number {
    return this.#arrivals.count;
  }

  /** Calls `arrive` for each arrival when it is due. Resolves after the last one. */
  send(arrive: Arrive): Promise<void> {
    const { dueMs, reads } = this.#arrivals;
    return startOnTime(dueMs, this.startMs, (index) =>
      arrive(this.pool.take(), this.startMs + (dueMs[index] ?? 0), reads[index] === 1),
    );
  }

  /** Resolves once `isSettled`, or at `deadlineMs` by performance.now(). */
  async settle(isSettled: () => boolean, deadlineMs = Number.POSITIVE_INFINITY): Promise<void> {
    while (!isSettled() && performance.now() < deadlineMs) await sleep(10);
  }

  close(): void {
    clearInterval(this.#sweeper);
    this.pool.close();
  }
}
