/** The event log: the events of a commit, their chain, and data that is never logged. */
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { firstLinkHash, type EventRow as LoggedRow, linkHash } from '../../../src/database/log-link.ts';
import { audit } from '../../../src/database/sqlite/file-rows.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

type EventRow = [seq: number, at: number, kind: string, actor: string, ...rest: (number | string | null)[]];
interface Link {
  lastSeq: number;
  hash: string;
}

const eventsIn = (store: ScratchStore): EventRow[] =>
  store.reader.prepare<[], EventRow>('select * from events order by seq').raw(true).all();
const linksIn = (store: ScratchStore): Link[] =>
  store.rows<Link>('select last_seq as lastSeq, hash from links order by last_seq');

/** The documented chain, computed from the rows. */
function chainOf(events: readonly EventRow[], links: readonly Link[]): string[] {
  let before = '0'.repeat(64);
  let from = 0;
  return links.map(({ lastSeq }) => {
    const rows = events.filter(([seq]) => seq > from && seq <= lastSeq);
    before = createHash('sha256')
      .update(before + JSON.stringify(rows))
      .digest('hex');
    from = lastSeq;
    return before;
  });
}

/** Three commits: a drop; two holds; a payment, a cancellation and a refusal. */
function storeWithHistory(): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop(), noon);
  store.runBatch([placeHold('ann'), placeHold('bob', { quantity: 2 })], noon + 1);
  store.runBatch(
    [
      recordPayment(1),
      { kind: 'cancelOrder', orderId: 2 },
      { kind: 'cancelOrder', orderId: 1 },
      placeHold('eve', { quantity: 99 }),
    ],
    noon + 2,
  );
  return store;
}

describe('the log', () => {
  test('has all events in order, with the time of their commit', () => {
    using store = storeWithHistory();
    expect(eventsIn(store)).toEqual([
      [
        1,
        noon,
        'drop_created',
        'operator',
        1,
        null,
        null,
        5,
        null,
        null,
        expect.stringContaining('"slug":"drop"'),
      ],
      [2, noon + 1, 'held', 'customer', 1, 1, 1, 1, 1250, 'EUR', null],
      [3, noon + 1, 'held', 'customer', 1, 1, 2, 2, 2500, 'EUR', null],
      [4, noon + 2, 'paid', 'provider:sandbox', 1, 1, 1, 1, 1250, 'EUR', null],
      [5, noon + 2, 'released', 'customer', 1, 1, 2, 2, null, null, '{"reason":"cancelled"}'],
    ]);
  });

  test('records the actor of a release, and the recipient and reason of a refund', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon);
    store.run(placeHold('ann'), noon);
    store.run({ kind: 'releaseDue', orders: 10 }, noon + 10 * minuteMs);
    store.run(recordPayment(1, { amount: 7 }), noon + 10 * minuteMs);
    const reported = eventsIn(store).map(([, , kind, actor, , , , , amount, , detail]) => [
      kind,
      actor,
      amount,
      detail,
    ]);
    expect(reported.slice(2)).toEqual([
      ['released', 'clock', null, '{"reason":"expired"}'],
      ['refund_due', 'provider:sandbox', 7, '{"reason":"wrong_amount","payment":1}'],
    ]);
  });

  test('has no personal data', () => {
    using store = new ScratchStore();
    const personal = {
      email: 'canary@example.com',
      name: 'Canary',
      phone: '+4915112345678',
      address: 'Canary Row',
    };
    store.run(createDrop(), noon);
    store.run(placeHold('hash of e-mail', { customerPhone: 'hash of phone', contact: personal }), noon);
    store.run(recordPayment(1, { amount: 1 }), noon);
    store.run({ kind: 'cancelOrder', orderId: 1 }, noon);
    const log = JSON.stringify(eventsIn(store));
    for (const word of [...Object.values(personal), 'hash of']) expect(log).not.toContain(word);
  });
});

describe('the chain', () => {
  test('has one link for each commit, which covers exactly its events', () => {
    using store = storeWithHistory();
    const links = linksIn(store);
    expect(links.map(({ lastSeq }) => lastSeq)).toEqual([1, 3, 5]);
    expect(chainOf(eventsIn(store), links)).toEqual(links.map(({ hash }) => hash));
  });

  test('gets no link from a commit without events', () => {
    using store = storeWithHistory();
    store.run(placeHold('eve', { quantity: 99 }), noon);
    store.run({ kind: 'releaseDue', orders: 10 }, noon);
    expect(linksIn(store)).toHaveLength(3);
  });

  test('continues after a restart', () => {
    using store = storeWithHistory();
    store.reopen();
    store.run(placeHold('zoe'), noon + 3);
    const links = linksIn(store);
    expect(links).toHaveLength(4);
    expect(chainOf(eventsIn(store), links)).toEqual(links.map(({ hash }) => hash));
  });

  test.each<[who: string, write: (store: ScratchStore, text: string) => void]>([
    ['another program', (store, text) => new Database(store.settings.file).exec(text).close()],
    [
      'an operator',
      (store, text) => {
        const statements = text.split(';').map((sql) => ({ sql, params: [], method: 'run' as const }));
        expect(store.run({ kind: 'runStatements', statements }, noon).kind).toBe('statements_run');
      },
    ],
  ])('continues after events appended by %s', (_, write) => {
    using store = storeWithHistory();
    write(
      store,
      `insert into events (seq, at, kind, actor) values (6, ${noon}, 'note', 'operator');
       insert into links values (6, '${'a'.repeat(64)}')`,
    );
    store.run(placeHold('zoe'), noon + 3);
    expect(linksIn(store).map(({ lastSeq }) => lastSeq)).toEqual([1, 3, 5, 6, 7]);
  });

  test.each([
    ['an amount changed', (rows: EventRow[]) => rows.with(1, rows[1]?.with(8, 1) as EventRow)],
    ['an event removed', (rows: EventRow[]) => rows.toSpliced(2, 1)],
    ['two events exchanged', ([a, b, c, ...rest]: EventRow[]) => [a, c, b, ...rest] as EventRow[]],
    ['a time changed', (rows: EventRow[]) => rows.with(0, rows[0]?.with(1, noon + 5) as EventRow)],
  ])('breaks with %s, from there to its end', (_, tamper) => {
    using store = storeWithHistory();
    const links = linksIn(store);
    const found = chainOf(tamper(eventsIn(store)), links);
    expect(found.at(-1)).not.toBe(links.at(-1)?.hash);
  });

  test('is computed from the previous link and the rows alone', () => {
    const row = [1, noon, 'held', 'customer', 1, 1, 1, 1, 100, 'EUR', null] as const;
    const hash = linkHash(firstLinkHash, [row]);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(linkHash(firstLinkHash, [row])).toBe(hash);
    expect(linkHash(hash, [row])).not.toBe(hash);
  });
});

test('a request for lost links that an older version logged leaves the books sound', () => {
  using store = storeWithHistory();
  const before = linksIn(store).at(-1)?.hash ?? firstLinkHash;
  const seq = (eventsIn(store).at(-1)?.[0] ?? 0) + 1;
  const row: LoggedRow = [seq, noon + 3, 'links_requested', 'customer', 1, null, 1, null, null, null, null];
  store.writer.prepare('insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').run(...row);
  store.writer.prepare('insert into links values (?, ?)').run(seq, linkHash(before, [row]));
  expect(audit(store.reader)).toEqual([]);
});
