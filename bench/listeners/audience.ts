/**
 * A process that listens to a drop's stock over very many sockets, and measures how evenly events
 * arrive.
 */
import { connect, type Socket } from 'node:net';

export interface AudiencePlan {
  host: string;
  port: number;
  path: string;
  listeners: number;
}

export interface AudienceReport {
  /** Listeners that are still connected. */
  connected: number;
  events: number;
  /** Milliseconds between the first listener's copy of an event and each other copy. */
  spreadP50Ms: number;
  spreadP99Ms: number;
  spreadMaxMs: number;
}

export type AudienceMessage = { kind: 'ready' } | { kind: 'report'; report: AudienceReport };

const connectAtOnce = 200;
const spreadMaxMs = 10_000;
const firstEventDeadlineMs = 60_000;

/** Counts by whole milliseconds. */
const spread = new Uint32Array(spreadMaxMs + 1);
const firstHeardMs = new Map<string, number>();
let events = 0;
let connected = 0;
const sockets: Socket[] = [];

function receive(id: string): void {
  const nowMs = performance.now();
  const firstMs = firstHeardMs.get(id);
  if (firstMs === undefined) firstHeardMs.set(id, nowMs);
  const lateMs = Math.min(spreadMaxMs, Math.round(nowMs - (firstMs ?? nowMs)));
  spread[lateMs] = (spread[lateMs] ?? 0) + 1;
  events += 1;
}

/** Resolves once the first event has arrived; rejects if it takes too long. */
function listen({ host, port, path }: AudiencePlan): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    sockets.push(socket);
    let rest = '';
    let isFirst = true;
    const deadline = setTimeout(
      () => reject(new Error(`A listener had no event for ${firstEventDeadlineMs / 1000} s: ${rest}`)),
      firstEventDeadlineMs,
    );
    socket.setNoDelay(true).setEncoding('latin1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
    socket.on('data', (text: string) => {
      rest += text;
      for (const [, id = ''] of rest.matchAll(/\nid: (\S+)\ndata: [^\n]*\n\n/g)) {
        if (isFirst) connected += 1;
        // The first event of a listener is sent to it alone.
        else receive(id);
        isFirst = false;
        clearTimeout(deadline);
        resolve();
      }
      rest = rest.slice(rest.lastIndexOf('\n\n') + 1);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      connected -= 1;
      reject(new Error('A listener was let go.'));
    });
  });
}

function percentile(share: number): number {
  let left = events * share;
  for (const [ms, count] of spread.entries()) {
    left -= count;
    if (left <= 0) return ms;
  }
  return spreadMaxMs;
}

const say = (message: AudienceMessage): void => void process.send?.(message);

process.once('message', async (plan: AudiencePlan) => {
  for (let opened = 0; opened < plan.listeners; opened += connectAtOnce) {
    const count = Math.min(connectAtOnce, plan.listeners - opened);
    await Promise.all(Array.from({ length: count }, () => listen(plan)));
  }
  say({ kind: 'ready' });
  process.once('message', () => {
    const report = {
      connected,
      events,
      spreadP50Ms: percentile(0.5),
      spreadP99Ms: percentile(0.99),
      spreadMaxMs: spread.findLastIndex((count) => count > 0),
    };
    say({ kind: 'report', report });
    for (const socket of sockets) socket.removeAllListeners('close').destroy();
    process.disconnect();
  });
});
