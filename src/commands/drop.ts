/** Creates and edits drops for the operator; everything is checked before anything is written. */

import { asc, eq } from 'drizzle-orm';
import { drops, items } from '../../drizzle/schema.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { CreateDrop, EditDrop, Restock } from '../domain/command.ts';
import { counted } from '../domain/counted.ts';
import { type Drop, endRule, endsAfterStart, itemNamed, unknownSku } from '../domain/drop.ts';
import type { DropOutcome, FieldError } from '../domain/outcome.ts';
import { ITEMS_PER_DROP_MAX, UNITS_PER_ITEM_MAX } from '../limits.ts';
import type { Journal } from './journal.ts';

/** Reads one drop with its items in the order of creation. */
function readDrop(db: SyncDatabase, dropId: number): Drop | undefined {
  const drop = db.select().from(drops).where(eq(drops.id, dropId)).get();
  if (!drop) return undefined;
  return {
    ...drop,
    items: db.select().from(items).where(eq(items.dropId, dropId)).orderBy(asc(items.id)).all(),
  };
}

/** Reads every drop, including drafts, in the order of creation. */
export function readDrops(db: SyncDatabase): Drop[] {
  const itemsByDrop = Map.groupBy(
    db.select().from(items).orderBy(asc(items.id)).all(),
    (item) => item.dropId,
  );
  const rows = db.select().from(drops).orderBy(asc(drops.id)).all();
  return rows.map((drop) => ({ ...drop, items: itemsByDrop.get(drop.id) ?? [] }));
}

export const dropIdOfSlug = (db: SyncDatabase, slug: string): number | undefined =>
  db.select({ id: drops.id }).from(drops).where(eq(drops.slug, slug)).get()?.id;

export function saved(db: SyncDatabase, dropId: number, journal: Journal): DropOutcome {
  const drop = readDrop(db, dropId);
  if (!drop) return { kind: 'drop_not_found' };
  journal.touchDrop(drop);
  return { kind: 'drop_saved', drop };
}

export function createDrop(command: CreateDrop, db: SyncDatabase, journal: Journal): DropOutcome {
  const { items: newItems, ...fields } = command.drop;
  if (dropIdOfSlug(db, fields.slug) !== undefined) return { kind: 'slug_taken' };
  const { id: dropId } = db
    .insert(drops)
    .values({
      ...(command.dropId !== undefined && { id: command.dropId }),
      ...fields,
      paused: false,
      createdAt: journal.now,
    })
    .returning({ id: drops.id })
    .get();
  for (const { sku, name, price, stock } of newItems) {
    db.insert(items).values({ dropId, sku, name, price, stock }).run();
  }
  journal.log({
    kind: 'drop_created',
    actor: command.actor,
    dropId,
    quantity: newItems.reduce((units, item) => units + item.stock, 0),
    // Every field that a drop begins with: the audit compares the rows with it.
    detail: { ...command.drop },
  });
  return saved(db, dropId, journal);
}

const stockBelowSold = (path: string, taken: number): DropOutcome => ({
  kind: 'stock_below_sold',
  errors: [{ path, message: `Stock can't fall below what is held or sold: ${counted(taken, 'unit')}.` }],
});

/** Checks an edit against the drop that it changes; null if it is valid. */
function refuseEdit(drop: Drop, edit: EditDrop['edit']): DropOutcome | null {
  const errors: FieldError[] = [];
  const startsAt = edit.startsAt ?? drop.startsAt;
  const endsAt = edit.endsAt === undefined ? drop.endsAt : edit.endsAt;
  if (!endsAfterStart({ startsAt, endsAt })) errors.push({ path: 'endsAt', message: endRule });
  for (const [index, item] of (edit.items ?? []).entries()) {
    const known = itemNamed(drop, item.sku);
    if (known) {
      const taken = known.held + known.sold;
      if (item.stock !== undefined && item.stock < taken)
        return stockBelowSold(`items.${index}.stock`, taken);
      continue;
    }
    for (const field of ['name', 'price', 'stock'] as const) {
      if (item[field] !== undefined) continue;
      errors.push({ path: `items.${index}.${field}`, message: 'A new item needs this field.' });
    }
  }
  const newSkus = (edit.items ?? []).filter(({ sku }) => !itemNamed(drop, sku));
  if (drop.items.length + newSkus.length > ITEMS_PER_DROP_MAX) {
    errors.push({ path: 'items', message: `A drop has at most ${ITEMS_PER_DROP_MAX} items.` });
  }
  return errors.length > 0 ? { kind: 'invalid_edit', errors } : null;
}

export function editDrop(command: EditDrop, db: SyncDatabase, journal: Journal): DropOutcome {
  const { dropId, edit, actor } = command;
  const drop = readDrop(db, dropId);
  if (!drop) return { kind: 'drop_not_found' };
  const refusal = refuseEdit(drop, edit);
  if (refusal) return refusal;

  const { items: itemEdits = [], ...fields } = edit;
  if (Object.keys(fields).length > 0) db.update(drops).set(fields).where(eq(drops.id, dropId)).run();
  for (const { sku, ...changes } of itemEdits) {
    const known = itemNamed(drop, sku);
    if (known) {
      if (Object.keys(changes).length > 0) db.update(items).set(changes).where(eq(items.id, known.id)).run();
      continue;
    }
    const { name, price, stock } = changes;
    if (name === undefined || price === undefined || stock === undefined) throw new Error('Refused above.');
    db.insert(items).values({ dropId, sku, name, price, stock }).run();
  }
  journal.log({ kind: 'drop_edited', actor, dropId, detail: { ...edit } });
  return saved(db, dropId, journal);
}

export function restock(command: Restock, db: SyncDatabase, journal: Journal): DropOutcome {
  const { dropId, sku, quantity, actor } = command;
  const drop = readDrop(db, dropId);
  if (!drop) return { kind: 'drop_not_found' };
  const item = itemNamed(drop, sku);
  if (!item) return { kind: 'invalid_edit', errors: [unknownSku] };
  const stock = item.stock + quantity;
  if (stock < item.held + item.sold) return stockBelowSold('quantity', item.held + item.sold);
  if (stock > UNITS_PER_ITEM_MAX) {
    const message = `An item has at most ${UNITS_PER_ITEM_MAX} units.`;
    return { kind: 'invalid_edit', errors: [{ path: 'quantity', message }] };
  }
  db.update(items).set({ stock }).where(eq(items.id, item.id)).run();
  journal.log({ kind: 'restocked', actor, dropId, itemId: item.id, quantity });
  return saved(db, dropId, journal);
}
