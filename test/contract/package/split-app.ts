/**
 * A small application on `stampede/split`, as text: its imports resolve only where the package is
 * installed.
 */

/** The files of the application by name. */
export const splitApp = {
  'schema.mjs': `
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
export const items = sqliteTable('items', { id: integer().primaryKey(), name: text().notNull().unique() });
`,
  'commands.mjs': `
import { items } from './schema.mjs';
export const commands = {
  add: (tx, name) => tx.insert(items).values({ name }).returning().get(),
};
`,
  // Prints its results as JSON.
  'split.mjs': `
import { sql } from 'drizzle-orm';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { openSplit } from 'stampede/split';
import { items } from './schema.mjs';

const commands = new URL('./commands.mjs', import.meta.url);
const db = await openSplit({ file: process.argv[2], schema: { items }, commands, transactionTimeoutMs: 200 });
await db.run(sql\`create table items (id integer primary key, name text not null unique)\`);
const counts = [];
const writes = Array.from({ length: 1_000 }, async (_, n) => {
  await db.insert(items).values({ name: 'write ' + n });
  counts.push(db.select().from(items).all().length);
});
await Promise.all(writes);
const beside = await Promise.allSettled([
  db.insert(items).values({ name: 'one' }),
  db.insert(items).values({ name: 'write 1' }),
  db.insert(items).values({ name: 'two' }),
]);
await db.batch([db.insert(items).values({ name: 'three' }), db.insert(items).values({ name: 'four' })]);
const undone = await db
  .batch([db.insert(items).values({ name: 'five' }), db.insert(items).values({ name: 'four' })])
  .catch((error) => error.code);
const late = await db
  .transaction(async (tx) => {
    await tx.insert(items).values({ name: 'too late' });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await tx.insert(items).values({ name: 'later still' });
  })
  .then(() => 'committed', (error) => error.name);
const taken = await db.transaction(async (tx) => {
  await tx.insert(items).values({ name: 'seven' });
  return (await tx.select().from(items)).length;
});
const added = await db.command('add', 'six');
const link = db.link();
const thread = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: link, transferList: [link.port] });
const [linked] = await once(thread, 'message');
console.log(JSON.stringify({
  isMonotonic: counts.every((count, n) => n === 0 || count >= counts[n - 1]),
  alone: beside.map(({ status, reason }) => reason?.code ?? status),
  undone,
  late,
  taken,
  added: added.name,
  linked,
  parallel: await db.parallel.$count(items),
  refused: await db.parallel.all(sql\`delete from items\`).catch((error) => error.name),
  rows: db.select().from(items).all().length,
}));
await db.close();
`,
  // Writes through another thread's writer, and reports how many rows it then reads.
  'thread.mjs': `
import { parentPort, workerData } from 'node:worker_threads';
import { openLinked } from 'stampede/split';
import { items } from './schema.mjs';

const db = await openLinked({ link: workerData, schema: { items } });
await db.insert(items).values({ name: 'of another thread' });
parentPort.postMessage([db.select().from(items).all().length, await db.parallel.$count(items)]);
await db.close();
`,
  // Writes until it is killed, and prints each name once it is acknowledged.
  'killed.mjs': `
import { writeSync } from 'node:fs';
import { openSplit } from 'stampede/split';
import { items } from './schema.mjs';

const commands = new URL('./commands.mjs', import.meta.url);
const db = await openSplit({ file: process.argv[2], schema: { items }, commands });
const write = async (writer) => {
  for (let round = 0; ; round += 1) {
    const name = writer + '/' + round;
    if (round % 2 === 0) await db.insert(items).values({ name });
    else await db.command('add', name);
    writeSync(1, name + '\\n');
  }
};
await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)));
`,
};
