/** An export reads its rows as it is sent: a large drop must fit into an object's memory. */
import { expect, test } from 'vitest';
import { exportDrop } from '../../../src/database/move/export-drop.ts';
import type { RowSource, SqlValue } from '../../../src/database/row-source.ts';
import { rowsOf } from '../../../src/database/sqlite/file-rows.ts';
import { MACHINE } from '../../../src/domain/shard.ts';
import { textStream } from '../../../src/edge/object/text-stream.ts';
import { openWriter } from '../../../src/split/connection.ts';
import { createDrop, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { migratedFile, settingsFor } from '../../support/scratch-store.ts';
import { sign } from '../../support/signed-drop-file.ts';
import { openThreadedStore } from '../../support/threaded-store.ts';

/** Calls `taken` for each row that is read. */
const watched = (source: RowSource, taken: (sql: string) => void): RowSource => ({
  ...source,
  query<Row>(sql: string) {
    const run = source.query<Row>(sql);
    return function* (...values: SqlValue[]) {
      for (const row of run(...values)) {
        taken(sql);
        yield row;
      }
    };
  },
});

test('an export never has more rows in memory than one commit has', async () => {
  const sales = 40;
  const file = migratedFile();
  const store = await openThreadedStore(file);
  const items = [{ sku: 'one', name: 'One', price: 1250, stock: sales }];
  await store.submit(createDrop({ startsAt: 0, items }));
  for (let sale = 0; sale < sales; sale += 1) {
    const { id } = placed(await store.submit(placeHold(`buyer-${sale}`)));
    await store.submit(recordPayment(id, { eventId: `paid-${sale}` }));
  }
  await store.submit({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } });
  await store.close(2_000);
  const connection = openWriter(settingsFor(file));
  let read = 0;
  let most = 0;
  const source = watched(rowsOf(connection), (sql) => {
    // The `links` table itself records how far the export has come.
    if (sql.includes('from links')) return;
    read += 1;
    most = Math.max(most, read);
  });
  let lines = 0;
  for (const line of exportDrop(source, 1, MACHINE, Date.now(), sign)) {
    lines += 1;
    if (line.startsWith('["events"') || line.startsWith('["links"')) expect(read).toBeLessThan(5);
    read = 0;
  }
  connection.close();
  expect(lines).toBeGreaterThan(4 * sales);
  expect(most).toBeLessThan(10);
});

test('a stream reads no further than its reader, and closes its source', async () => {
  let made = 0;
  let isClosed = false;
  function* texts() {
    try {
      for (; made < 1_000; made += 1) yield 'x'.repeat(10_000);
    } finally {
      isClosed = true;
    }
  }
  const reader = textStream(texts()).getReader();
  await reader.read();
  await reader.read();
  expect(made).toBeLessThan(50);
  await reader.cancel();
  expect(isClosed).toBe(true);
});

test('a stream contains every character of its texts', async () => {
  const texts = ['a', '', 'ü'.repeat(70_000), '😀', 'z'];
  expect(await new Response(textStream(texts.values() as Generator<string>)).text()).toBe(texts.join(''));
});
