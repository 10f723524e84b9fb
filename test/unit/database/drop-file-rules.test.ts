/** An import accepts only exports made with the SECRET_KEY, and values that the API accepts. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { columnsOf, type MovedTable } from '../../../src/database/move/drop-file.ts';
import { checkDropFile } from '../../../src/database/move/import-drop.ts';
import { exportFromFile, importIntoFile } from '../../../src/database/sqlite/move-file.ts';
import { exportOperations, importOperations } from '../../../src/http/move-operations.ts';
import { createDrop, minuteMs, noon, placed, placeHold, recordPayment } from '../../support/commands.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { ScratchStore, settingsFor } from '../../support/scratch-store.ts';
import { apiRules, editedFile, signWith } from '../../support/signed-drop-file.ts';

const hash = 'A'.repeat(16);
const url = 'https://checkout.stripe.com/c/pay/cs_1';

/** A drop with a row in every table. */
function movableStore(): ScratchStore {
  const store = new ScratchStore();
  store.run(createDrop({ imageUrl: '/images/a.png' }), noon);
  const hold = { customer: hash, fingerprint: hash, contact: { ...contact } };
  const { id: orderId } = placed(store.run(placeHold('ann', hold), noon));
  const checkout = { orderId, provider: 'stripe', reference: 'cs_1', url, expiresAt: noon + minuteMs };
  store.run({ kind: 'recordCheckout', ...checkout }, noon);
  store.run({ kind: 'closeCheckout', checkoutId: 1 }, noon);
  for (const eventId of ['one', 'two']) store.run(recordPayment(orderId, { eventId }), noon);
  const [{ id: refundId } = { id: 0 }] = store.rows<{ id: number }>('select id from refunds');
  store.run({ kind: 'beginRefund', refundId, attempts: 0, amount: 1250, nextAttemptAt: noon }, noon);
  store.run({ kind: 'finishRefund', refundId, result: 'failed', error: 'no', isKeySpent: true }, noon);
  store.run({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } }, noon);
  return store;
}
const exportOf = (store: ScratchStore): string =>
  [...exportFromFile(store.settings, 'drop', noon, apiRules)].join('');
function exported(): string {
  using store = movableStore();
  return exportOf(store);
}
const contact = { email: 'ann@example.com', name: 'Ann', phone: '+4915112345678', address: 'Way 1\nTown' };
const whole = exported();

/** The file with one changed value in a row of that table, signed. */
const withValue = (table: MovedTable, column: string, value: unknown): string =>
  editedFile(whole, (line) => {
    if (!line.startsWith(`["${table}"`)) return line;
    const [name, ...values] = JSON.parse(line);
    values[columnsOf(table).indexOf(column)] = value;
    return JSON.stringify([name, ...values]);
  });

const target = (): string => join(scratchFolder(), 'new', 'drop.db');
const importInto = (file: string, text: string) => importIntoFile(settingsFor(file), text, apiRules);

function refusalOf(text: string): string {
  const file = target();
  try {
    importInto(file, text);
    return 'imported';
  } catch (error) {
    // Neither the file nor its folder was created.
    expect(statSync(join(file, '..'), { throwIfNoEntry: false })).toBeUndefined();
    return error instanceof Error ? error.message : '';
  }
}

test('an exported file is imported unchanged', () => {
  expect(importInto(target(), whole)).toEqual({ slug: 'drop' });
});

test.each([
  [
    'without a signature',
    editedFile(whole, (line) => line, null),
    /^The file was not signed with this SECRET_KEY/,
  ],
  [
    'of another key',
    editedFile(whole, (line) => line, signWith('another')),
    /^The file was not signed with this/,
  ],
  ['that was edited', whole.replace('Ann', 'Eve'), /^The file is incomplete, or was changed/],
  ['that was cut', whole.slice(0, -300), /^The file is incomplete/],
])('a file %s is refused before anything is written', (_, text, said) => {
  expect(refusalOf(text)).toMatch(said);
});

test.each([
  ['drops', 'slug', '../admin', /slug: Must be lower-case letters/],
  ['drops', 'slug', 'another', /belongs to another drop/],
  ['drops', 'image_url', '/admin/drops/drop/orders.csv', /image_url: Must be/],
  ['drops', 'title', 'Line\u0000', /title: Must not contain control characters/],
  ['drops', 'currency', 'ABC', /currency: Must be an ISO 4217/],
  ['drops', 'published', 2, /published: Must be a whole number from 0 to 1/],
  ['items', 'price', 0, /price: Must be a whole number/],
  ['items', 'held', 1, /held: /],
  ['items', 'drop_id', 2, /belongs to another drop/],
  ['orders', 'status', 'held', /status: Must be one of paid, /],
  ['orders', 'email', 'Ann@Example.com', /email: Must be in the normal form that the API stores/],
  ['orders', 'email', 'nobody', /email: Must be an e-mail address/],
  ['orders', 'phone', '0151', /phone: Must be a phone number/],
  ['orders', 'customer', 'ann', /customer: Must be a keyed hash/],
  ['orders', 'drop_id', 2, /belongs to another drop/],
  ['orders', 'created_at', 1e15, /created_at: Must be a whole number/],
  ['payments', 'provider', 'bank', /provider: Must be a payment provider/],
  ['payments', 'status', 'refunded', /status: Must be one of paid, declined/],
  ['payments', 'amount', -1, /amount: Must be a whole number/],
  ['refunds', 'status', 'pending', /status: Must be one of sent, failed, settled/],
  ['refunds', 'key_number', 2, /Must not exceed the number of attempts/],
  ['refunds', 'failed_references', 'x', /failed_references: /],
  ['checkouts', 'closed_at', null, /closed_at: Must be a whole number/],
  ['checkouts', 'url', 'javascript:alert(1)', /url: Must be an https address/],
  ['checkouts', 'url', 'https://shop@pay.example/', /url: Must be an https address/],
  ['orders', 'name', 'Ann\u0000', /name: Must not contain control characters/],
  ['orders', 'name', 'A'.repeat(601), /name: Must have at most 600 characters/],
  ['orders', 'address', 'Way 1\u2028Town', /address: Must not contain control characters/],
  ['orders', 'tracking_code', 'one\ntwo', /tracking_code: Must not contain control characters/],
  ['payments', 'reference', 'pi_\u0007', /reference: Must be 1 to 300 characters/],
  ['events', 'detail', '{', /detail: Must be JSON/],
  ['events', 'kind', 'Held', /kind: Must be a kind of event/],
  ['links', 'hash', 'f', /hash: Must be a hash/],
] as const)(
  'a signed file with %s.%s = %j is refused before anything is written',
  (table, column, value, said) => {
    const refusal = refusalOf(withValue(table, column, value));
    expect(refusal).toMatch(said);
    expect(refusal).not.toContain('example.com');
  },
);

test.each([
  ['https://checkout.stripe.com/x', true],
  ['https://pay.shop.example/c/pay/cs_1', true],
  ['http://127.0.0.1:1234/pay', true],
  ['http://checkout.stripe.com/x', false],
] as const)('a closed checkout at %s may move: %s', (address, isOne) => {
  // The audit then finds another address in the log.
  expect(refusalOfUrl(address)).toBe(isOne ? 'The drop is not sound' : 'Line');
});
const refusalOfUrl = (address: string): string => {
  try {
    importInto(target(), withValue('checkouts', 'url', address));
    return 'imported';
  } catch (error) {
    return /^(?:Line|The drop is not sound)/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';
  }
};

test.each([
  ['orders', 'name', 'Ann\u200b\u00ad Lee'],
  ['orders', 'name', 'x'.repeat(190) + '\u1e9b\u0323'.repeat(20)],
  ['orders', 'address', 'Way\u202e 1\nTown '],
  ['orders', 'phone', '+49123456'],
  ['orders', 'tracking_code', 'RR\u200b1'],
  ['refunds', 'note', 'by\u00ad hand'],
  ['payments', 'reference', '1:chuyển khoản'],
  ['payments', 'event_id', `lookup:declined:${'p'.repeat(255)}`],
] as const)('the older value %s.%s = %j moves unchanged', (table, column, value) => {
  using store = movableStore();
  store.writer.prepare(`update ${table} set ${column} = ? where id = 1`).run(value);
  const file = target();
  expect(() => importInto(file, exportOf(store))).not.toThrow();
  const connection = new Database(file, { readonly: true });
  expect(connection.prepare(`select ${column} from ${table}`).pluck().all()).toContain(value);
  connection.close();
});

test.each([
  ['drops', 'image_url', '/admin/drops/drop/orders.csv', /row 1 of drops: image_url: Must be .* first\.$/],
  ['items', 'name', 'One\u200b', /row 1 of items: name: Must be in the normal form that the API stores/],
] as const)('a drop whose import would refuse %s.%s = %j is not marked', (table, column, value, said) => {
  using store = movableStore();
  store.writer.prepare(`update ${table} set ${column} = ? where id = 1`).run(value);
  expect(() => exportOf(store)).toThrow(said);
  expect(store.rows('select moved_at as at from drops')).toEqual([{ at: null }]);
  expect(store.rows("select 1 from events where detail like '%movedAt%'")).toEqual([]);
});

test('a move needs its own scope', () => {
  const scopes = [...exportOperations, ...importOperations].map(({ access }) => access);
  expect(new Set(scopes)).toEqual(new Set(['drops:import']));
});

test('the database that exported a drop refuses to import it, and names the undo', () => {
  using store = new ScratchStore();
  store.run(createDrop({ imageUrl: null }), noon);
  store.run({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } }, noon);
  const text = [...exportFromFile(store.settings, 'drop', noon, apiRules)].join('');
  expect(() => importIntoFile(store.settings, text, apiRules)).toThrow(
    /exported from this database file.*move undo/,
  );
  const [{ mark } = { mark: '' }] = store.rows<{ mark: string }>('select mark from deployment');
  expect(checkDropFile(text, apiRules).source.deployment).toBe(mark);
  const ofAnother = editedFile(text, (line) => line.replace(mark, 'f'.repeat(32)));
  expect(() => importIntoFile(store.settings, ofAnother, apiRules)).toThrow(/already has data/);
});

test('a database of another program, or one in use, is unchanged', () => {
  const foreign = join(scratchFolder(), 'foreign.db');
  const connection = new Database(foreign);
  connection.exec('create table theirs (value)');
  connection.close();
  const before = readFileSync(foreign);
  expect(() => importInto(foreign, whole)).toThrow(/belongs to another program/);
  expect(readFileSync(foreign).equals(before)).toBe(true);

  const used = target();
  importInto(used, whole);
  const afterImport = readFileSync(used);
  expect(() => importInto(used, whole)).toThrow(/already has data/);
  expect(readFileSync(used).equals(afterImport)).toBe(true);

  const empty = join(scratchFolder(), 'empty.db');
  writeFileSync(empty, '');
  expect(importInto(empty, whole)).toEqual({ slug: 'drop' });
});
