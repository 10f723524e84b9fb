/** What readers see: replaced by each Change, serialised once, with a tag per content. */
import { beforeEach, describe, expect, test } from 'vitest';
import { dropJson } from '../../../src/answers/representation.ts';
import { type Page, Snapshot } from '../../../src/database/snapshot.ts';
import type { Drop, DropPhase } from '../../../src/domain/drop.ts';
import { createIds } from '../../../src/ids/ids.ts';

const now = Date.UTC(2027, 0, 31, 12);
const hourMs = 3_600_000;
const ids = createIds('one-secret-0123456789abcdef0123456789abcdef');
let serialised: number;
let snapshot: Snapshot;

const dropOf = (id: number, changes: Partial<Drop> = {}): Drop => ({
  id,
  slug: `drop-${id}`,
  title: `Drop ${id}`,
  description: '',
  imageUrl: null,
  currency: 'EUR',
  perCustomer: null,
  startsAt: now - hourMs,
  endsAt: now + hourMs,
  holdSeconds: 600,
  published: true,
  paused: false,
  createdAt: now - hourMs,
  items: [{ id: id * 10, sku: 'one', name: 'One', price: 100, stock: 5, held: 0, sold: 0 }],
  ...changes,
});
const put = (drop: Drop): void => snapshot.apply({ kind: 'drop', drop });
const hold = (dropId: number, held: number): void =>
  snapshot.apply({ kind: 'stock', dropId, items: [{ id: dropId * 10, stock: 5, held, sold: 0 }] });

function page(idOrSlug: string, at = now): Page {
  const found = snapshot.dropPage(idOrSlug, at);
  if (!found) throw new Error(`There is no page of ${idOrSlug}.`);
  return found;
}
const read = (idOrSlug: string, at = now): ReturnType<typeof dropJson> => JSON.parse(page(idOrSlug, at).body);
const slugsIn = (phase: DropPhase | 'all', at = now): string[] =>
  JSON.parse(snapshot.listPage(phase, at).body).drops.map((drop: { slug: string }) => drop.slug);

beforeEach(() => {
  serialised = 0;
  snapshot = new Snapshot({
    dropId: ids.drop,
    drop: (drop, at) => {
      serialised += 1;
      return dropJson(drop, at, ids);
    },
  });
  put(dropOf(1));
});

describe('a drop', () => {
  test('is found by its id and its slug, as one page', () => {
    expect(page('drop-1')).toBe(page(ids.drop(1)));
    expect(read('drop-1')).toMatchObject({ id: ids.drop(1), slug: 'drop-1', phase: 'live' });
    expect(snapshot.find('drop-1')).toBe(snapshot.get(1));
  });

  test('is not found by an unknown id or slug', () => {
    for (const name of ['drop-2', ids.drop(2), '1', '', '__proto__', 'constructor']) {
      expect(snapshot.dropPage(name, now)).toBeUndefined();
      expect(snapshot.find(name)).toBeUndefined();
    }
  });

  test('is serialised when first asked for and not again until it changes', () => {
    expect(serialised).toBe(0);
    for (let reads = 0; reads < 3; reads++) page('drop-1');
    expect(serialised).toBe(1);
    hold(1, 1);
    expect(serialised).toBe(1);
    expect(read('drop-1').items[0]).toMatchObject({ available: 4, held: 1, sold: 0 });
    expect(serialised).toBe(2);
  });

  test('is sent with its length in bytes, not characters', () => {
    put(dropOf(1, { title: 'Größe „42“' }));
    const { body, headers } = page('drop-1');
    expect(headers['content-length']).toBe(String(new TextEncoder().encode(body).length));
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-cache' });
  });

  test('is never changed in place: a held reference keeps its state', () => {
    const [drop, before] = [snapshot.get(1), page('drop-1')];
    const copies = structuredClone([drop, before]);
    hold(1, 3);
    put(dropOf(1, { title: 'Another' }));
    expect([drop, before]).toEqual(copies);
    expect(snapshot.get(1)).not.toBe(drop);
  });
});

describe('the tag', () => {
  test('is strong, quoted, and equals that of the page', () => {
    const { etag, headers } = page('drop-1');
    expect(etag).toMatch(/^"[\w-]{20,}"$/);
    expect(headers.etag).toBe(etag);
  });

  test('changes with the content and comes back with it', () => {
    const before = page('drop-1').etag;
    hold(1, 1);
    const changed = page('drop-1').etag;
    expect(changed).not.toBe(before);
    hold(1, 0);
    expect(page('drop-1').etag).toBe(before);
  });

  test('does not change with what the page does not show, nor with time alone', () => {
    const before = [page('drop-1').etag, snapshot.listPage('all', now).etag];
    put(dropOf(1, { holdSeconds: 60, createdAt: now }));
    snapshot.apply({ kind: 'catalogue', drops: [dropOf(1)] });
    expect([page('drop-1', now + 1).etag, snapshot.listPage('all', now + 1).etag]).toEqual(before);
  });

  test('of the list changes with any drop in it', () => {
    put(dropOf(2));
    const before = snapshot.listPage('all', now).etag;
    hold(2, 5);
    expect(snapshot.listPage('all', now).etag).not.toBe(before);
  });
});

describe('the clock', () => {
  const edge = now + hourMs;

  test('changes the phase on the millisecond, without any Change', () => {
    put(dropOf(1, { startsAt: now, endsAt: edge }));
    const seen = [now - 1, now, edge - 1, edge].map((at) => ({
      ...read('drop-1', at),
      ...page('drop-1', at),
    }));
    expect(seen.map(({ phase }) => phase)).toEqual(['scheduled', 'live', 'live', 'ended']);
    expect(new Set(seen.map(({ etag }) => etag)).size).toBe(3);
  });

  test('restores the earlier phase when it is set back', () => {
    put(dropOf(1, { startsAt: now, endsAt: edge }));
    expect([read('drop-1', edge).phase, slugsIn('ended', edge)]).toEqual(['ended', ['drop-1']]);
    expect([read('drop-1', now).phase, slugsIn('ended', now)]).toEqual(['live', []]);
    expect([read('drop-1', now - 1).phase, slugsIn('live', now - 1)]).toEqual(['scheduled', []]);
  });

  test('moves a drop from list to list', () => {
    put(dropOf(2, { startsAt: edge, endsAt: null }));
    expect([slugsIn('live'), slugsIn('scheduled'), slugsIn('ended')]).toEqual([['drop-1'], ['drop-2'], []]);
    expect([slugsIn('live', edge), slugsIn('scheduled', edge), slugsIn('ended', edge)]).toEqual([
      ['drop-2'],
      [],
      ['drop-1'],
    ]);
    expect(slugsIn('all', edge)).toEqual(['drop-1', 'drop-2']);
  });

  test('costs nothing between phase changes', () => {
    for (let at = now; at < edge; at += 60_000) snapshot.listPage('all', at);
    expect(serialised).toBe(1);
  });
});

describe('the list', () => {
  test('is every published drop in the order they were made, or those of one phase', () => {
    put(dropOf(3, { paused: true }));
    put(dropOf(2));
    hold(2, 5);
    expect(slugsIn('all')).toEqual(['drop-1', 'drop-3', 'drop-2']);
    expect([slugsIn('live'), slugsIn('sold_out'), slugsIn('paused')]).toEqual([
      ['drop-1'],
      ['drop-2'],
      ['drop-3'],
    ]);
  });

  test('contains the same JSON as the drop alone', () => {
    expect(snapshot.listPage('all', now).body).toBe(`{"drops":[${page('drop-1').body}]}`);
  });

  test('without drops is empty', () => {
    snapshot.apply({ kind: 'catalogue', drops: [] });
    expect(snapshot.listPage('all', now).body).toBe('{"drops":[]}');
  });
});

describe('a draft', () => {
  beforeEach(() => put(dropOf(2, { published: false })));

  test('is visible to operators only', () => {
    expect(snapshot.dropPage('drop-2', now)).toBeUndefined();
    expect(snapshot.dropPage(ids.drop(2), now)).toBeUndefined();
    expect(slugsIn('all')).toEqual(['drop-1']);
    expect(slugsIn('draft')).toEqual([]);
    expect(snapshot.find('drop-2')?.published).toBe(false);
    expect(snapshot.drops().map(({ slug }) => slug)).toEqual(['drop-1', 'drop-2']);
  });

  test('is shown from the moment it is published', () => {
    put(dropOf(2));
    expect(slugsIn('all')).toEqual(['drop-1', 'drop-2']);
  });
});

describe('a Change', () => {
  test('of stock leaves other items and drops alone', () => {
    put(
      dropOf(2, {
        items: [...dropOf(2).items, { ...dropOf(2).items[0], id: 21, sku: 'two' } as Drop['items'][0]],
      }),
    );
    hold(2, 2);
    expect(snapshot.get(2)?.items.map(({ held }) => held)).toEqual([2, 0]);
    expect(snapshot.get(1)?.items.map(({ held }) => held)).toEqual([0]);
  });

  test('of an unknown drop is ignored', () => {
    hold(9, 1);
    expect(snapshot.drops()).toHaveLength(1);
  });

  test('is absolute: applying it twice has no further effect', () => {
    hold(1, 2);
    const before = page('drop-1').etag;
    hold(1, 2);
    expect(page('drop-1').etag).toBe(before);
  });

  test('of the catalogue replaces everything', () => {
    put(dropOf(2));
    snapshot.apply({ kind: 'catalogue', drops: [dropOf(3, { slug: 'drop-1' })] });
    expect(slugsIn('all')).toEqual(['drop-1']);
    expect(snapshot.find('drop-1')?.id).toBe(3);
    for (const gone of ['drop-2', ids.drop(1), ids.drop(2)]) expect(snapshot.find(gone)).toBeUndefined();
  });
});
