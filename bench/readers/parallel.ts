/**
 * Runs several long queries at once, on the handler's thread and by `db.parallel`: their time, and
 * the delay of short reads.
 */
import { eq, sql } from 'drizzle-orm';
import * as schema from '../../drizzle/schema.ts';
import { histogram } from '../../src/crowd/percentiles.ts';
import type { ConnectionSettings } from '../../src/split/connection.ts';
import { type OpenSplit, openSplit } from '../../src/split/open-split.ts';
import { spreadOf } from '../rounds/spread.ts';
import { tableText } from '../rounds/table.ts';

type Db = OpenSplit<typeof schema>;

export interface ParallelPlan {
  /** Long queries that start together. */
  queries: number;
  /** The values of `readers` for `openSplit`, one run each. */
  readers: readonly number[];
  rounds: number;
}

interface Run {
  /** From the first query to the last answer. */
  seconds: number;
  /** Latency of a short read from its due time, in milliseconds. */
  p50: number;
  p99: number;
  max: number;
}

const SHORT_READ_EACH_MS = 2;

/** Reads every order and groups it, as a report does. */
const report = sql`select customer % 1000 as part, count(*) as orders, sum(length(email) + length(address)) as characters
  from (select unicode(customer) * 7919 + id as customer, email, address from orders) group by part order by part`;

/** Reads one order by its key at a steady rate until the returned function is called. */
function readShort(db: Db): () => Omit<Run, 'seconds'> {
  const latencies = histogram();
  const one = db
    .select()
    .from(schema.orders)
    .where(eq(schema.orders.id, sql.placeholder('id')))
    .prepare();
  let due = performance.now() + SHORT_READ_EACH_MS;
  let isOver = false;
  const readWhatIsDue = (): void => {
    for (; due <= performance.now(); due += SHORT_READ_EACH_MS) {
      one.get({ id: 1 + (Math.round(due) % 1_000) });
      latencies.recordValue(Math.max(1, Math.round((performance.now() - due) * 1_000)));
    }
  };
  const tick = (): void => {
    if (isOver) return;
    readWhatIsDue();
    setTimeout(tick, 1);
  };
  tick();
  return () => {
    isOver = true;
    readWhatIsDue();
    const at = (percent: number): number => latencies.getValueAtPercentile(percent) / 1_000;
    return { p50: at(50), p99: at(99), max: at(100) };
  };
}

async function run(
  settings: ConnectionSettings,
  readers: number,
  queries: number,
  inHandler: boolean,
): Promise<Run> {
  const db: Db = await openSplit({ ...settings, schema, readers, deadlineMs: 60_000 });
  const read = () => (inHandler ? db.all(report) : db.parallel.all(report));
  // Starts the threads, and reads the file into the system's cache.
  await Promise.all(Array.from({ length: queries }, read));
  const endShort = readShort(db);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const begunMs = performance.now();
  const found = await Promise.all(
    Array.from({ length: queries }, async () => {
      // Each starts in its own turn of the event loop, as requests do.
      await new Promise((resolve) => setTimeout(resolve, 1));
      return read();
    }),
  );
  const result = { seconds: (performance.now() - begunMs) / 1_000, ...endShort() };
  await db.close();
  if (found.some((rows) => rows.length === 0)) throw new Error('A report was empty.');
  return result;
}

const median = (runs: readonly Run[], key: keyof Run): string =>
  spreadOf(runs.map((one) => one[key])).median.toFixed(2);

/** Prints a table: a row for the handler's thread, and one for each number of readers. */
export async function measureParallel(settings: ConnectionSettings, plan: ParallelPlan): Promise<void> {
  const { queries, readers, rounds } = plan;
  const choices = [
    { name: "on the handler's thread", readers: 100, inHandler: true },
    ...readers.map((count) => ({ name: `db.parallel, readers: ${count}`, readers: count, inHandler: false })),
  ];
  const runs = choices.map((): Run[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, choice] of choices.entries()) {
      runs[index]?.push(await run(settings, choice.readers, queries, choice.inHandler));
    }
  }
  process.stdout.write(
    tableText([
      [`${queries} long queries at once`, 'seconds', 'short read p50 ms', 'p99 ms', 'max ms'],
      ...choices.map(({ name }, index) => {
        const own = runs[index] ?? [];
        return [name, median(own, 'seconds'), median(own, 'p50'), median(own, 'p99'), median(own, 'max')];
      }),
    ]),
  );
}
