/** A commit's cached read of an item and its drop is valid until the same commit changes them. */
import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/domain/command.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { ScratchStore } from '../../support/scratch-store.ts';

/** A hold, then `change`, then another hold, in one commit; returns the three outcomes. */
function around(change: Command): string[] {
  using store = new ScratchStore();
  store.run(createDrop(), noon - 1);
  const batch = [placeHold('ann'), change, placeHold('bob')];
  return store.runBatch(batch, noon).outcomes.map(({ kind }) => kind);
}

describe('in the same commit', () => {
  test('a pause refuses later purchases', () => {
    const pause: Command = { kind: 'editDrop', actor: 'operator', dropId: 1, edit: { paused: true } };
    expect(around(pause)).toEqual(['held', 'drop_saved', 'paused']);
  });

  test('an operator’s own SQL refuses later purchases', () => {
    const sql = 'update drops set paused = 1';
    const statements = [{ sql, params: [], method: 'run' }] as const;
    expect(around({ kind: 'runStatements', statements })).toEqual(['held', 'statements_run', 'paused']);
  });

  test('a new price applies to later purchases', () => {
    using store = new ScratchStore();
    store.run(createDrop(), noon - 1);
    const edit = { items: [{ sku: 'one', price: 2_000 }] };
    const change: Command = { kind: 'editDrop', actor: 'operator', dropId: 1, edit };
    const { outcomes } = store.runBatch([placeHold('ann'), change, placeHold('bob')], noon);
    const prices = outcomes.map((outcome) => (outcome.kind === 'held' ? outcome.order.total : null));
    expect(prices).toEqual([1_250, null, 2_000]);
  });
});
