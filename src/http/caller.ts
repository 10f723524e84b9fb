/** The sender of a request, as rate limits see it; a Hono context is one. */
export interface Caller {
  /** What the runtime's HTTP server knows about the connection. */
  env: unknown;
  req: { header(name: string): string | undefined };
}
