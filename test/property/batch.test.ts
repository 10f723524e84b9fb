/** A batch in one transaction has the outcomes and rows of its commands one by one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CatalogueUpdate } from '../../src/database/catalogue-update.ts';
import { Snapshot } from '../../src/database/snapshot.ts';
import type { DomainCommand } from '../../src/domain/command.ts';
import { minuteMs } from '../support/commands.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { runs, searchDeadlineMs } from './runs.ts';
import { ShopModel } from './shop-model.ts';
import { commandOf, openedAt, opening, type Step, step } from './steps.ts';

interface Batch {
  now: number;
  commands: DomainCommand[];
}

/** Steps between two waits or restarts had the same time, and could have formed one batch. */
function batchesOf(steps: readonly Step[]): Batch[] {
  const model = new ShopModel();
  let batch: Batch = { now: openedAt, commands: [] };
  const batches = [batch];
  for (const taken of steps) {
    const command = commandOf(taken, model);
    if (command) {
      model.apply(command, batch.now);
      batch.commands.push(command);
      continue;
    }
    batch = { now: batch.now + (taken.do === 'wait' ? taken.minutes * minuteMs : 0), commands: [] };
    batches.push(batch);
  }
  return batches.filter(({ commands }) => commands.length > 0);
}

// Without `links`, which has one row per commit.
const tables = ['drops', 'items', 'orders', 'payments', 'refunds', 'events'];
const rowsIn = (store: ScratchStore) => tables.map((table) => store.rows(`select * from ${table}`));

function deliverEvents(snapshot: Snapshot, { update }: { update: CatalogueUpdate }): void {
  for (const change of update.changes) snapshot.apply(change);
}

const normal = 100;

test('a batch has the same effects as its commands one by one, for readers too', {
  timeout: searchDeadlineMs(normal),
}, () => {
  const property = fc.property(opening, fc.array(step, { maxLength: 80, size: 'max' }), (first, others) => {
    using alone = new ScratchStore();
    using together = new ScratchStore();
    const presentation = { dropId: String, drop: (drop: unknown) => drop };
    const [afterEach, afterBatch] = [new Snapshot(presentation), new Snapshot(presentation)];
    for (const { commands, now } of batchesOf([first, ...others])) {
      const singly = commands.map((command) => alone.runBatch([command], now));
      const batch = together.runBatch(commands, now);
      expect(batch.outcomes).toEqual(singly.flatMap(({ outcomes }) => outcomes));
      for (const committed of singly) deliverEvents(afterEach, committed);
      deliverEvents(afterBatch, batch);
      expect(afterBatch.drops()).toEqual(afterEach.drops());
    }
    expect(rowsIn(together)).toEqual(rowsIn(alone));
    expect([{ kind: 'catalogue', drops: afterBatch.drops() }]).toEqual(together.committer.state().changes);
  });
  fc.assert(property, runs(normal));
});
