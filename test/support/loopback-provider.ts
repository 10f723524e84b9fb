/** The base of every loopback payment provider: a real HTTP server with faults on demand. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wholeBody } from './whole-body.ts';

/**
 * A fault of one request:
 * - `lost` executes it and closes the socket; `silent` executes it and never answers.
 * - `late` closes the socket, and the request arrives only with `land`.
 * - 500 is kept for the idempotency key; `takesEffect` says whether the request was executed.
 * - 429 comes before execution, and is not kept.
 * - `unreadable` is an answer that is not JSON, kept like a 500.
 */
export type Fault =
  | { kind: 'status'; status: 429 }
  | { kind: 'status'; status: 500; takesEffect?: boolean }
  | { kind: 'unreadable' | 'closed' | 'lost' | 'silent' | 'late' }
  | { kind: 'slow'; delayMs: number }
  /** Any other answer, without executing the request. */
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
  /** Refused before execution: not kept for its idempotency key. */
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
  /** Faults for the next requests to a route such as `POST /v1/refunds`, first in, first out. */
  readonly faults = new Map<string, Fault[]>();
  /** By route: a function that spoils the answers of executed requests. */
  readonly spoils = new Map<string, (json: unknown) => unknown>();
  /** Every received request, by route. */
  readonly asked: string[] = [];
  /** Requests whose client closed the connection before their end, as a killed server does. */
  cutOff = 0;
  /** Answers by idempotency key, with the request that caused them. */
  readonly #kept = new Map<string, { request: string; answer: Answered }>();
  readonly #underWay = new Set<string>();
  readonly #late: Asked[] = [];
  // Idle connections stay open: on a busy machine, closing one could meet the next request on its
  // way.
  readonly #server: Server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void this.#serve(request, response);
  });

  /** Executes a request and returns its answer. */
  protected abstract answer(asked: Asked): Promise<Answered> | Answered;
  /** The route of a path, without its ids. */
  protected abstract routeOf(path: string): string;
  /** The error body of a fault, in the provider's format. */
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

  /** Restores the initial state. */
  reset(): void {
    for (const memory of [this.faults, this.spoils, this.#kept, this.#underWay]) memory.clear();
    this.#late.length = 0;
  }

  /** Delivers the late requests, except those whose key has an answer by now. */
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

  /** The answer without execution: the one kept for the key, or the refusal of the key. */
  #keptAnswer(asked: Asked): Answered | null {
    const key = this.keyOf(asked);
    if (key === null) return null;
    if (this.#underWay.has(key)) return this.keyRefusal('in_use');
    const kept = this.#kept.get(key);
    if (!kept) return null;
    if (kept.request !== requestOf(asked)) return this.keyRefusal('other_parameters');
    return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotent-replayed': 'true' } };
  }

  /** Executes the request as far as the fault allows, and keeps the answer. */
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

  /** The answer that a fault sends instead of the real one; null for the real one, or none. */
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
