/** What a runtime's HTTP server must be able to do; node.ts and bun.ts are the two. */

export interface ListenOptions {
  host: string;
  port: number;
  fetch: (request: Request) => Response | Promise<Response>;
}

export interface Listener {
  /** The port that was taken, also where port 0 was asked for. */
  port: number;
  /** Accepts nothing more and resolves once every request has its answer, or cuts what is left after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

export type Listen = (options: ListenOptions) => Promise<Listener>;
