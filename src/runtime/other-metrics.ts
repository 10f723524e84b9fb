/**
 * Gathers the metrics of the other HTTP threads of this process, because a scrape reaches only one.
 */
import { BroadcastChannel } from 'node:worker_threads';
import { OTHER_METRICS_MS } from '../limits.ts';
import type { Metrics, MetricsState } from '../metrics.ts';

type Message = { kind: 'ask'; id: string } | { kind: 'answer'; id: string; state: MetricsState };

export interface OtherMetrics {
  /** Resolves with the metrics of the threads that answer within OTHER_METRICS_MS. */
  gather(): Promise<MetricsState[]>;
  close(): void;
}

/** `others` is the number of other HTTP threads. */
export function listenForMetrics(metrics: Metrics, others: number): OtherMetrics {
  if (others === 0) return { gather: async () => [], close: () => undefined };
  const channel = new BroadcastChannel('stampede-metrics');
  channel.unref();
  const waiting = new Map<string, (state: MetricsState) => void>();
  channel.onmessage = (event) => {
    const { data: message } = event as { data: Message };
    if (message.kind === 'answer') waiting.get(message.id)?.(message.state);
    else channel.postMessage({ kind: 'answer', id: message.id, state: metrics.state() } satisfies Message);
  };
  return {
    gather: () =>
      new Promise((resolve) => {
        const id = crypto.randomUUID();
        const states: MetricsState[] = [];
        const end = (): void => {
          clearTimeout(deadline);
          waiting.delete(id);
          resolve(states);
        };
        const deadline = setTimeout(end, OTHER_METRICS_MS);
        waiting.set(id, (state) => {
          states.push(state);
          if (states.length === others) end();
        });
        channel.postMessage({ kind: 'ask', id } satisfies Message);
      }),
    close: () => channel.close(),
  };
}
