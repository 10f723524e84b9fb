/** Times what is done for one request, for whoever collects traces; only a runtime makes one. */

export interface Span {
  /** Facts about the work, and no personal data. */
  note(facts: Readonly<Record<string, string | number>>): void;
  /** The work failed on our side. */
  fail(): void;
}

export interface Trace {
  /** Runs the work within a span of this name. `headers` are those of a request, which may say to what trace it belongs. */
  within<T>(name: string, headers: Headers | null, work: (span: Span) => Promise<T>): Promise<T>;
}
