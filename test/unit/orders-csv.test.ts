/** Text of a customer or an operator never becomes a formula in an export, whatever separates the fields where it is opened. */
import { expect, test } from 'vitest';
import { ordersCsv } from '../../src/database/orders-csv.ts';
import { rowsOf } from '../../src/database/sqlite/file-rows.ts';
import { createDrop, noon, placeHold } from '../support/commands.ts';
import { ScratchStore } from '../support/scratch-store.ts';

const shown = { id: (orderId: number) => `ord_${orderId}`, number: (orderId: number) => orderId };

/** The row of one order whose customer has this name, from behind the e-mail on. */
function nameIn(name: string): string {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ada', { contact: { email: 'e', name, phone: null, address: null } }), noon);
  const text = [...ordersCsv(rowsOf(store.writer), 1, shown)].join('');
  return text.slice(text.indexOf(',e,') + 3, text.indexOf(',,,,,0.00,0\r\n', text.indexOf(',e,')));
}

test.each([
  ['Ada', 'Ada'],
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@A1', "'@A1"],
  [' =1', "' =1"],
  ['＝1', "'＝1"],
  ['\t=1', '"\'\t\'=1"'],
  ['\rx', '"\'\rx"'],
  ['a"b', '"a""b"'],
  ['a,=1', '"a,=1"'],
  ['a;=1', '"a;\'=1"'],
  ['a\n=1', '"a\n\'=1"'],
  ['a\r\n-1', '"a\r\n\'-1"'],
  ['a-b+c@d=e', 'a-b+c@d=e'],
])('%j is written as %j', (name, field) => expect(nameIn(name)).toBe(field));
