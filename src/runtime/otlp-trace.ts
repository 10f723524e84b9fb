/** Sends traces by OTLP over HTTP, through OpenTelemetry's packages; loaded only if configured. */
import {
  trace as api,
  type Context,
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { TRACES_STOP_MS } from '../limits.ts';
import type { Trace } from '../trace.ts';

export interface OtlpSettings {
  /** The collector's origin; traces are sent to its /v1/traces. */
  endpoint: string;
  /** Sampled part of the traces that begin here, from 0 to 1. */
  ratio: number;
  version: string;
}

const ofHeaders: TextMapGetter<Headers> = {
  get: (headers, name) => headers.get(name) ?? undefined,
  keys: (headers) => [...headers.keys()],
};

/** Starts tracing. `stop` sends the remaining spans, and waits at most TRACES_STOP_MS. */
export function sendTraces({ endpoint, ratio, version }: OtlpSettings): {
  trace: Trace;
  stop: () => Promise<void>;
} {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'stampede', 'service.version': version }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }))],
  });
  const tracer = provider.getTracer('stampede', version);
  const propagator = new W3CTraceContextPropagator();
  const parentOf = (headers: Headers | null): Context =>
    headers ? propagator.extract(ROOT_CONTEXT, headers, ofHeaders) : context.active();

  return {
    trace: {
      within(name, headers, work) {
        const parent = parentOf(headers);
        const kind = headers ? SpanKind.SERVER : SpanKind.INTERNAL;
        const span = tracer.startSpan(name, { kind }, parent);
        return context.with(api.setSpan(parent, span), async () => {
          try {
            return await work({
              note: (facts) => {
                span.setAttributes(facts);
                const route = facts['http.route'];
                if (route !== undefined) span.updateName(`${name} ${route}`);
              },
              fail: () => {
                span.setStatus({ code: SpanStatusCode.ERROR });
              },
            });
          } finally {
            span.end();
          }
        });
      },
    },
    // An unreachable collector must neither delay nor fail a shutdown.
    stop: async () => {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, TRACES_STOP_MS))]);
    },
  };
}
