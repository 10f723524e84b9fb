/** Metrics of the process, under the names that Prometheus dashboards use. */
import { readdirSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Family } from '../http/metrics-text.ts';

const resolutionMs = 10;
const nanoseconds = 1e9;

const gauge = (name: string, help: string, value: number): Family => ({
  name,
  type: 'gauge',
  help,
  samples: [{ value }],
});

/** Counts open files and sockets, if the system reports them. */
function openFiles(): Family[] {
  try {
    return [gauge('process_open_fds', 'Open file descriptors.', readdirSync('/proc/self/fd').length)];
  } catch {
    return [];
  }
}

/** Watches this thread's event loop; the returned function takes a new reading. */
export function watchProcess(): () => readonly Family[] {
  const startSeconds = Date.now() / 1000 - process.uptime();
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  return () => {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    // The measuring timer includes its own interval, so only the excess is delay.
    const beyond = (value: number): number =>
      Math.max(0, (Number.isFinite(value) ? value : 0) / nanoseconds - resolutionMs / 1000);
    const loop = [
      ['0.5', delay.percentile(50)],
      ['0.99', delay.percentile(99)],
      ['1', delay.max],
    ] as const;
    const families: Family[] = [
      {
        name: 'stampede_event_loop_delay_seconds',
        type: 'gauge',
        help: 'Event-loop delay of the answering thread since the last scrape.',
        samples: loop.map(([quantile, value]) => ({
          labels: { quantile },
          value: beyond(value),
        })),
      },
      {
        name: 'process_cpu_seconds_total',
        type: 'counter',
        help: 'Processor time of all threads.',
        samples: [{ value: (user + system) / 1e6 }],
      },
      gauge('process_start_time_seconds', 'When the process started, since the epoch.', startSeconds),
      gauge('process_resident_memory_bytes', 'Resident memory of the process.', rss),
      gauge('stampede_heap_used_bytes', 'Memory of live objects of the answering thread.', heapUsed),
      gauge('stampede_heap_bytes', 'Memory for objects of the answering thread.', heapTotal),
      gauge('stampede_external_bytes', 'Memory of buffers outside the heap.', external),
      ...openFiles(),
    ];
    delay.reset();
    return families;
  };
}
