/** Measures a hot read from the snapshot, alone and right after a sale. */

import { dropPresentation } from '../../src/answers/representation.ts';
import { Snapshot } from '../../src/database/snapshot.ts';
import type { Change } from '../../src/domain/change.ts';
import { createIds } from '../../src/ids/ids.ts';
import { createDrop } from './scratch.ts';
import { type Answer, many, time } from './timing.ts';

export async function snapshot(): Promise<Answer> {
  const made = createIds('a secret for the bench, of 40 characters');
  const hot = new Snapshot(dropPresentation(made));
  const { drop } = createDrop('micro');
  const items = drop.items.map((item, index) => ({ ...item, id: index + 1, held: 0, sold: 0 }));
  hot.apply({ kind: 'catalogue', drops: [{ ...drop, id: 1, paused: false, createdAt: 0, items }] });
  const id = made.drop(1);
  const now = Date.now();
  let held = 0;
  const sale = (): Change => ({
    kind: 'stock',
    dropId: 1,
    items: [{ id: 1, stock: 1_000_000_000, held: ++held, sold: 0 }],
  });
  const timings = await time([
    many('GET /drops, page at hand', () => hot.listPage('all', now)),
    many('GET /drops/:id, page at hand', () => hot.dropPage(id, now)),
    many('a sale applied', () => hot.apply(sale())),
    many('a sale applied, then GET /drops', () => {
      hot.apply(sale());
      hot.listPage('all', now);
    }),
  ]);
  const [item] = hot.get(1)?.items ?? [];
  return { timings, wrong: item?.held === held ? [] : ['the snapshot lost a sale'] };
}
