/** The part that every loopback payment provider shares: a real HTTP server that can be told to misbehave. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `lost` does what is asked and closes the socket; `silent` does it and never answers. */
export type Fault =
  | { kind: 'status'; status: 429 | 500 }
  | { kind: 'closed' | 'lost' | 'silent' }
  | { kind: 'slow'; delayMs: number };

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Answered {
  status: number;
  json: unknown;
  headers?: Record<string, string>;
}

async function readBody(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

export abstract class LoopbackProvider {
  /** Faults that the next requests to a route meet, first in, first out; a route is `POST /v1/refunds`. */
  readonly faults = new Map<string, Fault[]>();
  /** Every request that came, by route. */
  readonly asked: string[] = [];
  readonly #server: Server = createServer((request, response) => {
    void this.#serve(request, response);
  });

  /** Does what a request asks, and says what to answer. */
  protected abstract answer(asked: Asked): Promise<Answered> | Answered;
  /** The route of a path, without its ids. */
  protected abstract routeOf(path: string): string;

  async listen(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fail(route: string, ...faults: Fault[]): void {
    this.faults.set(route, [...(this.faults.get(route) ?? []), ...faults]);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const asked: Asked = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: await readBody(request),
    };
    const route = `${asked.method} ${this.routeOf(pathname)}`;
    this.asked.push(route);
    const fault = this.faults.get(route)?.shift();
    if (fault?.kind === 'closed') return void request.socket.destroy();
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json', 'retry-after': '1' });
      return void response.end(JSON.stringify({ error: { type: 'api_error' }, code: String(fault.status) }));
    }
    const { status, json, headers } = await this.answer(asked);
    if (fault?.kind === 'lost') return void request.socket.destroy();
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(json));
  }
}
