/** Text of a customer or an operator never becomes a formula in an export, with any separator. */
import { expect, test } from 'vitest';
import { ordersCsv } from '../../../src/database/orders-csv.ts';
import { rowsOf } from '../../../src/database/sqlite/file-rows.ts';
import { createDrop, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { parseCsv } from '../../support/parse-csv.ts';
import { refund, report } from '../../support/reported-movements.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

const shown = { id: (orderId: number) => `ord_${orderId}`, number: (orderId: number) => orderId };

/** The row of an order whose customer has this name, from after the e-mail on. */
function nameIn(name: string): string {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ada', { contact: { email: 'e', name, phone: null, address: null } }), noon);
  const text = [...ordersCsv(rowsOf(store.writer), 1, shown)].join('');
  return text.slice(text.indexOf(',"e",') + 5, text.indexOf(',,,,,"0.00",0\r\n', text.indexOf(',"e",')));
}

/** The header and the rows of the first drop. */
const rowsIn = (store: ScratchStore): string[][] =>
  parseCsv([...ordersCsv(rowsOf(store.writer), 1, shown)].join('').slice(1));

test.each([
  ['Ada', 'Ada'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@A1', "'@A1"],
  [' =1', "' =1"],
  ['＝1', "'＝1"],
  ['\u200b=1', "'=1"],
  ['\u202egnp.exe\u2066', 'gnp.exe'],
  ['\t=1', "'\t'=1"],
  ['\rx', "'\rx"],
  ['a"b', 'a""b'],
  ['a,=1', 'a,=1'],
  ['a;=1', "a;'=1"],
  ['a; ＋1', "a;' ＋1"],
  ['a\t=1', "a\t'=1"],
  ['a\n=1', "a\n'=1"],
  ['a\r\n-1', "a\r\n'-1"],
  ['a-b+c@d=e', 'a-b+c@d=e'],
])('%j is written as %j, in quotes', (name, text) => expect(nameIn(name)).toBe(`"${text}"`));

const buyersColumns = { email: 'e-mail', name: 'name', phone: 'phone', address: 'address' } as const;
const cases = (Object.keys(buyersColumns) as (keyof typeof buyersColumns)[]).flatMap((field) =>
  ['=', '+', '-', '@', '\t', '\r'].map((start) => ({ field, start })),
);
test.each(cases)('the buyer’s $field that starts with $start is text', ({ field, start }) => {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  const contact = { email: 'e', name: null, phone: null, address: null, [field]: `${start}1+1` };
  store.run(placeHold('ada', { contact }), noon);
  const [header, row] = rowsIn(store);
  expect(row?.[header?.indexOf(buyersColumns[field]) ?? -1]).toBe(`'${start}1+1`);
});

test.each([
  ['JPY', '1250', '300'],
  ['EUR', '12.50', '3.00'],
  ['KWD', '1.250', '0.300'],
])('prices in %s have the digits of the currency, also refunded ones', (currency, price, refunded) => {
  using store = new ScratchStore();
  store.run(createDrop({ currency }), noon);
  store.run(placeHold('ada'), noon);
  store.run(recordPayment(1, { currency }), noon);
  report(store, refund({ amount: 300, currency }));
  const [header, row] = rowsIn(store);
  const shownAs = (column: string) => row?.[header?.indexOf(column) ?? -1];
  expect(['unit price', 'total', 'refunded'].map(shownAs)).toEqual([price, price, refunded]);
});
