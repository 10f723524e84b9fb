/** A thread linked to another thread's writer: does the requested work, and reports its end. */
import { parentPort, workerData } from 'node:worker_threads';
import { openLinked } from '../../../src/split/open-split.ts';
import type { commands } from './commands.ts';
import * as schema from './schema.ts';
import { items } from './schema.ts';

const { link, written } = workerData;
const db = await openLinked<typeof schema, typeof commands>({ link, schema, readers: 2 });
let commits = 0;
db.onCommit(() => {
  commits += 1;
});

const works: Record<string, (name: string) => unknown> = {
  async insert(name) {
    await db.insert(items).values({ name });
    Atomics.add(written, 0, 1);
    Atomics.notify(written, 0);
  },
  command: (name) => db.command('add', { name }),
  transact: (name) =>
    db.transaction((tx) =>
      tx
        .insert(items)
        .values({ name })
        .then(() => undefined),
    ),
  count: () => db.select().from(items).all().length,
  countInParallel: () => db.parallel.$count(items),
  commits: () => commits,
  close: () => db.close(),
};

parentPort?.on('message', async ([work, name]: [string, string]) => {
  const done = await Promise.resolve(works[work]?.(name)).catch((error: unknown) => String(error));
  parentPort?.postMessage(done);
  if (work === 'close') parentPort?.close();
});
