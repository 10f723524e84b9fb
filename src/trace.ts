/** The interface of traces, which time the work for one request; only a runtime implements it. */

export interface Span {
  /** Adds facts about the work; no personal data. */
  note(facts: Readonly<Record<string, string | number>>): void;
  /** Marks the work as failed on our side. */
  fail(): void;
}

export interface Trace {
  /** Runs the work within a span. `headers` are those of a request, which may name its trace. */
  within<T>(name: string, headers: Headers | null, work: (span: Span) => Promise<T>): Promise<T>;
}
