/** The slugs that a Worker knows without a query to the catalogue. */
import { expect, test } from 'vitest';
import { KNOWN_SLUGS_MAX, KnownDrops } from '../../../src/edge/front/known-drops.ts';
import { PublishedDrops } from '../../../src/edge/relay/published-drops.ts';
import { createIds } from '../../../src/ids/ids.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { plainDrop } from '../../support/plain-drop.ts';
import { testEnvironment } from '../../support/server-process.ts';

function worker(): KnownDrops {
  const clock = new FakeClock();
  const relays = { jurisdictions: () => [], call: async () => null };
  const ids = createIds(testEnvironment.SECRET_KEY);
  return new KnownDrops(async () => null, new PublishedDrops(relays, clock), ids, clock);
}
const dropNumbered = (id: number) => ({ ...plainDrop, id, slug: `drop-${id}`, items: [] });

test('a Worker knows the slugs of a list that was read, without its drafts', () => {
  const known = worker();
  known.learn([dropNumbered(1), { ...dropNumbered(2), published: false }]);
  expect([1, 2].map((id) => known.needsLookup(`drop-${id}`, false))).toEqual([false, true]);
});

test('a Worker keeps a bounded number of slugs, the newest ones', () => {
  const known = worker();
  const learned = Array.from({ length: KNOWN_SLUGS_MAX + 2 }, (_, index) => dropNumbered(index + 1));
  for (const drop of learned) known.learn([drop]);
  const unknown = learned.filter(({ slug }) => known.needsLookup(slug, false));
  expect(unknown.map(({ id }) => id)).toEqual([1, 2]);
  known.learn(learned);
  expect(learned.filter(({ slug }) => !known.needsLookup(slug, false))).toHaveLength(KNOWN_SLUGS_MAX);
});
