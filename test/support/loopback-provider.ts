/** The part that every loopback payment provider shares: a real HTTP server that can be told to misbehave. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wholeBody } from './whole-body.ts';

/**
 * `lost` does what is asked and closes the socket; `silent` does it and never answers. `late` closes the socket, and the
 * request arrives only with `land`. A 500 is kept for its idempotency key, and `takesEffect` says whether it did what was
 * asked; a 429 comes before that, and is not. `unreadable` is an answer that is no JSON, kept like a 500.
 */
export type Fault =
  | { kind: 'status'; status: 429 }
  | { kind: 'status'; status: 500; takesEffect?: boolean }
  | { kind: 'unreadable' | 'closed' | 'lost' | 'silent' | 'late' }
  | { kind: 'slow'; delayMs: number }
  /** Any other answer, without doing what was asked. */
  | { kind: 'answer'; answer: Answered };

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
  /** Refused before the request began: not kept for its idempotency key. */
  isUnkept?: boolean;
}

const page: Answered = { status: 502, json: null };

const requestOf = ({ path, body }: Asked): string => `${path} ${body}`;

/** The fields `name[…]` of a form. */
export function fieldsIn(fields: URLSearchParams, name: string): Record<string, string> {
  const start = `${name}[`;
  const found = [...fields].filter(([field]) => field.startsWith(start));
  return Object.fromEntries(found.map(([field, value]) => [field.slice(start.length, -1), value]));
}

export abstract class LoopbackProvider {
  /** Faults that the next requests to a route meet, first in, first out; a route is `POST /v1/refunds`. */
  readonly faults = new Map<string, Fault[]>();
  /** By route: what becomes of the answers of requests that were done. */
  readonly spoils = new Map<string, (json: unknown) => unknown>();
  /** Every request that came, by route. */
  readonly asked: string[] = [];
  /** Requests whose client closed the connection before their end, as a killed server does. */
  cutOff = 0;
  /** Answers by idempotency key, with the request that earned them. */
  readonly #kept = new Map<string, { request: string; answer: Answered }>();
  readonly #underWay = new Set<string>();
  readonly #late: Asked[] = [];
  // An idle connection is not closed: on a busy machine that could meet the next request on its way.
  readonly #server: Server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void this.#serve(request, response);
  });

  /** Does what a request asks, and says what to answer. */
  protected abstract answer(asked: Asked): Promise<Answered> | Answered;
  /** The route of a path, without its ids. */
  protected abstract routeOf(path: string): string;
  /** An error that a fault makes, in the provider's words. */
  protected abstract errorBody(status: 429 | 500): object;
  /** The idempotency key of a request whose answer is kept; null where none is. */
  protected abstract keyOf(asked: Asked): string | null;
  /** The refusal of a key that is in use, or that belongs to a request with other parameters. */
  protected abstract keyRefusal(reason: 'in_use' | 'other_parameters'): Answered;

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

  /** As on its first day. */
  reset(): void {
    for (const memory of [this.faults, this.spoils, this.#kept, this.#underWay]) memory.clear();
    this.#late.length = 0;
  }

  /** The requests that were on their way arrive, unless their key has an answer meanwhile. */
  async land(): Promise<void> {
    for (const asked of this.#late.splice(0)) {
      if (!this.#keptAnswer(asked)) await this.#act(asked);
    }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await wholeBody(request);
    if (body === null) {
      this.cutOff += 1;
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const asked: Asked = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body,
    };
    const route = `${asked.method} ${this.routeOf(pathname)}`;
    this.asked.push(route);
    const known = this.#keptAnswer(asked);
    if (known) return this.#send(response, known);
    const fault = this.faults.get(route)?.shift();
    if (fault?.kind === 'closed') return void request.socket.destroy();
    if (fault?.kind === 'late') {
      this.#late.push(asked);
      return void request.socket.destroy();
    }
    const key = this.keyOf(asked);
    if (key !== null) this.#underWay.add(key);
    const answer = await this.#act(asked, fault);
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (key !== null) this.#underWay.delete(key);
    if (fault?.kind === 'lost') return void request.socket.destroy();
    if (fault?.kind !== 'silent') this.#send(response, answer);
  }

  /** What is answered without doing anything: the answer that was kept for the key, or the refusal of the key. */
  #keptAnswer(asked: Asked): Answered | null {
    const key = this.keyOf(asked);
    if (key === null) return null;
    if (this.#underWay.has(key)) return this.keyRefusal('in_use');
    const kept = this.#kept.get(key);
    if (!kept) return null;
    if (kept.request !== requestOf(asked)) return this.keyRefusal('other_parameters');
    return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotent-replayed': 'true' } };
  }

  /** Does what is asked, as far as the fault lets it, and keeps the answer. */
  async #act(asked: Asked, fault?: Fault): Promise<Answered> {
    const broken = this.#brokenAnswer(fault);
    const takesEffect =
      broken === null || (fault?.kind === 'status' && fault.status === 500 && fault.takesEffect);
    const done = takesEffect ? await this.answer(asked) : null;
    const spoil = this.spoils.get(`${asked.method} ${this.routeOf(asked.path)}`);
    if (done && spoil) done.json = spoil(structuredClone(done.json));
    const answer = broken ?? done ?? page;
    const key = this.keyOf(asked);
    if (key !== null && !answer.isUnkept) this.#kept.set(key, { request: requestOf(asked), answer });
    return answer;
  }

  /** What a fault answers in place of the true answer; null where that one is given, or none. */
  #brokenAnswer(fault: Fault | undefined): Answered | null {
    switch (fault?.kind) {
      case 'status': {
        const { status } = fault;
        return { status, json: this.errorBody(status), ...(status === 429 && { isUnkept: true }) };
      }
      case 'unreadable':
        return page;
      case 'answer':
        return fault.answer;
      default:
        return null;
    }
  }

  #send(response: ServerResponse, { status, json, headers }: Answered): void {
    const isPage = json === null;
    response.writeHead(status, { 'content-type': isPage ? 'text/html' : 'application/json', ...headers });
    response.end(isPage ? '<html>Bad gateway</html>' : JSON.stringify(json));
  }
}
