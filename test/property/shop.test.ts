/** The real committer on a file against the model. */
import fc from 'fast-check';
import { test } from 'vitest';
import { audit } from '../../src/database/sqlite/file-rows.ts';
import { ScratchStore } from '../support/scratch-store.ts';
import { runs, searchDeadlineMs } from './runs.ts';
import { type ShopStore, shopProperty } from './shop-property.ts';

function open(): ShopStore {
  const store = new ScratchStore();
  return {
    run: (command, now) => store.run(command, now),
    rows: (queries) => queries.map((query) => store.rows(query)),
    reopen: () => store.reopen(),
    violations: () => audit(store.reader),
    close: () => store[Symbol.dispose](),
  };
}

const normal = 200;

test(
  'answers and rows match the model, and every invariant holds',
  {
    timeout: searchDeadlineMs(normal),
  },
  () => fc.assert(shopProperty(open), runs(normal)),
);
