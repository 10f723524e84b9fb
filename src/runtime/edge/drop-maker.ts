/** Makes the objects of a new drop: under a key and a slug that nobody else has, its stock shared out over its lanes. */
import type { Catalogue } from '../../database/edge/catalogue.ts';
import type { DropFileHeader } from '../../database/move/drop-file.ts';
import type { CreateDrop } from '../../domain/command.ts';
import { placeOf } from '../../domain/place.ts';
import { problem } from '../../http/problem.ts';
import { type Created, importPath } from './drop-object.ts';
import { type Objects, ObjectUnreachableError } from './objects.ts';

/** A lane's part of the units: as equal as they can be. */
const shareOf = (stock: number, lane: number, lanes: number): number =>
  Math.floor(stock / lanes) + (lane < stock % lanes ? 1 : 0);

/** `slug_taken` where a drop has the slug. */
export async function makeDrop(
  command: CreateDrop,
  catalogue: Catalogue,
  objects: Objects,
  now: number,
): Promise<Created> {
  const { items, ...fields } = command.drop;
  const lanes = command.lanes ?? 1;
  const dropId = await catalogue.reserve({ ...fields, paused: false, createdAt: now }, lanes);
  if (dropId === null) return { outcome: { kind: 'slug_taken' }, bookmark: null };
  // The first lane comes last: with it the drop is there.
  for (let lane = lanes - 1; ; lane -= 1) {
    const share = items.map((item) => ({ ...item, stock: shareOf(item.stock, lane, lanes) }));
    const place = placeOf(dropId, lane);
    const own = { ...command, dropId, lanes, drop: { ...command.drop, items: share } };
    // A drop is made once: asked twice, its object says that the slug is taken.
    const created = await objects
      .call(place, async (stub) => stub.create(place, own), false)
      .catch((error: unknown): Created => {
        if (!(error instanceof ObjectUnreachableError)) throw error;
        return { outcome: { kind: 'outcome_unknown' }, bookmark: null };
      });
    if (created.outcome.kind !== 'drop_saved') return created;
    if (lane > 0) continue;
    // What was made is the whole drop, and not its first lane.
    const whole = created.outcome.drop.items.map((item) => ({
      ...item,
      stock: items.find(({ sku }) => sku === item.sku)?.stock ?? item.stock,
    }));
    return { ...created, outcome: { kind: 'drop_saved', drop: { ...created.outcome.drop, items: whole } } };
  }
}

/** Leads a drop that comes from elsewhere to its object, under its own key and slug. */
export async function takeInDrop(
  header: DropFileHeader,
  text: string,
  catalogue: Catalogue,
  objects: Objects,
  now: number,
): Promise<Response> {
  // Only the key and the slug matter: its object tells the rest.
  const entry = {
    slug: header.slug,
    title: header.slug,
    description: '',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: null,
    startsAt: now,
    endsAt: null,
    holdSeconds: 1,
    paused: true,
    createdAt: now,
    published: false,
  };
  const dropId = await catalogue.reserve(entry, 1, header.dropId);
  if (dropId === null) {
    return problem('not_movable', { detail: 'A drop with this key, or with this slug, is here already.' });
  }
  const place = placeOf(dropId);
  const url = new URL(`${importPath}?place=${place}`, 'https://object');
  return objects.forward(place, new Request(url, { method: 'POST', body: text }));
}
