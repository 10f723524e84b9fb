/** Batches and transactions of several threads that reach the writer at the same moment. */
import { afterEach, expect, test, vi } from 'vitest';
import {
  type Batch,
  type FromWriter,
  fromWire,
  type TransactionStep,
  toWire,
  type Wire,
} from '../../../src/split/writer-protocol.ts';
import { closeAll, namesIn, openWithItems, type TestDb } from './split-under-test.ts';

afterEach(closeAll);

const batch = (sql: string): Batch<unknown> => ({
  kind: 'batch',
  commands: [{ kind: 'runStatements', statements: [{ sql, params: [], method: 'run' }] }],
});
const insert = (name: string) => batch(`insert into items (name) values ('${name}')`);
/** Keeps the writer busy for a while. */
const long = batch(
  `insert into items (name) with recursive n(i) as (select 1 union all select i + 1 from n where i < 1e5)
    select 'long' from n where i = 1e5`,
);

/** A link without a thread behind it, and the kinds of all messages that the writer sent to it. */
function openLink(db: TestDb) {
  const { port } = db.link();
  const received: string[] = [];
  port.on('message', (wire: Wire<FromWriter<unknown, unknown>>) => received.push(fromWire(wire).kind));
  return {
    received,
    post: (message: Batch<unknown> | TransactionStep) => port.postMessage(toWire(message)),
    close: () => port.close(),
  };
}

test('every batch is answered that arrives together with another thread’s transaction', async () => {
  const db = await openWithItems();
  const links = [openLink(db), openLink(db), openLink(db)] as const;
  const [one, other, third] = links;
  await vi.waitFor(() => expect(third.received).toContain('ready'));
  one.post(long);
  one.post(insert('one'));
  other.post({ kind: 'begin', id: 1 });
  third.post(insert('third'));
  await vi.waitFor(() => expect(other.received).toContain('began'), { timeout: 10_000 });
  other.post({ kind: 'end', id: 1, how: 'rollback' });
  const answers = ({ received }: typeof one) => received.filter((kind) => kind === 'committed').length;
  await vi.waitFor(() => expect(links.map(answers)).toEqual([2, 0, 1]));
  expect(namesIn(db).sort()).toEqual(['long', 'one', 'third']);
  for (const link of links) link.close();
});
