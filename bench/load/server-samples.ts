/** Samples the server's own metrics during a run. */

/** One sample. */
export interface ServerSample {
  elapsedMs: number;
  /** Purchases that waited for the writer. */
  queueDepth: number;
  /** Commands per commit since the last sample; null without a commit. */
  batchSize: number | null;
  /** Commits per second since the last sample. */
  batchesPerSecond: number;
  walPages: number;
}

const pollMs = 250;

/** Returns a sample's value in Prometheus text; 0 if it is absent. */
const sampleIn = (text: string, sample: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${sample} `))
      ?.slice(sample.length + 1) ?? 0,
  );

/**
 * Starts sampling; the returned function stops it and returns the samples. Failed samples are left
 * out.
 */
export function sampleServer(url: string): () => ServerSample[] {
  const samples: ServerSample[] = [];
  const startMs = performance.now();
  let last = { atMs: startMs, batches: 0, commands: 0 };
  const look = async (): Promise<void> => {
    const response = await fetch(`${url}/metrics`);
    const text = await response.text();
    if (!response.ok) return;
    const atMs = performance.now();
    const batches = sampleIn(text, 'stampede_batch_commands_count');
    const commands = sampleIn(text, 'stampede_batch_commands_sum');
    const newBatches = batches - last.batches;
    samples.push({
      elapsedMs: atMs - startMs,
      queueDepth: sampleIn(text, 'stampede_queue_depth{priority="holds"}'),
      batchSize: newBatches > 0 ? (commands - last.commands) / newBatches : null,
      batchesPerSecond: (newBatches / (atMs - last.atMs)) * 1000,
      walPages: sampleIn(text, 'stampede_wal_pages'),
    });
    last = { atMs, batches, commands };
  };
  const timer = setInterval(() => void look().catch(() => undefined), pollMs);
  return () => {
    clearInterval(timer);
    return samples;
  };
}
