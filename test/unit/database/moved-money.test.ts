/** A moving drop takes along what its provider reported before the payment itself. */
import { expect, test } from 'vitest';
import { exportFromFile, importIntoFile } from '../../../src/database/sqlite/move-file.ts';
import { createDrop, minuteMs, noon, placeHold, recordPayment } from '../../support/commands.ts';
import { booksAgree, dispute, order, refund, refunds, report } from '../../support/reported-movements.ts';
import { ScratchStore } from '../../support/scratch-store.ts';
import { anyRow } from '../../support/signed-drop-file.ts';

test('a dispute and a refund that wait for their payment are applied to it at the new shard', () => {
  using from = new ScratchStore();
  using to = new ScratchStore();
  from.run(createDrop(), noon);
  from.run(placeHold('ann'), noon);
  for (const movement of [dispute('won', noon + 1), refund({ amount: 500 })]) report(from, movement);
  // A late payment: it comes after the hold's release.
  from.run({ kind: 'releaseDue', orders: 10 }, noon + 60 * minuteMs);
  from.run({ kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } }, noon);

  importIntoFile(to.settings, [...exportFromFile(from.settings, 'drop', noon, anyRow)].join(''), anyRow);
  to.reopen();
  expect(to.run(recordPayment(1), noon + 2)).toMatchObject({ effect: 'paid' });
  expect(order(to)).toEqual({ status: 'paid', dispute: 'won' });
  expect(refunds(to)).toMatchObject([{ reason: 'outside', amount: 500 }]);
  expect(to.rows('select count(*) as n from early_movements')).toEqual([{ n: 0 }]);
  booksAgree(to, 750);
});
