/** The audit's invariants of drops, items and operators, proven by the log. */
import { firstRow, type RowSource } from '../row-source.ts';

type Value = string | number | boolean | null;
/** The fields of a row, each with the value of the last event that has it. */
type LoggedFields = Map<string, Value>;

/** SQLite has no booleans; the JSON of the log does. */
const asStored = (value: Value | undefined): Value | undefined =>
  typeof value === 'boolean' ? Number(value) : value;

function* differences(name: string, logged: LoggedFields, row: Record<string, Value>): Generator<string> {
  for (const [field, value] of logged) {
    // Omit the values: a title or a name may contain anything.
    if (asStored(value) !== row[field]) yield `${name}: ${field} differs from its events`;
  }
}

interface CatalogueEvent {
  kind: 'drop_created' | 'drop_edited' | 'restocked';
  at: number;
  dropId: number;
  itemId: number | null;
  quantity: number | null;
  detail: string | null;
}

/** The `detail` of an event: fields of the drop itself, and of its items by their sku. */
type Edit = Record<string, Value> & { items?: readonly (Record<string, Value> & { sku: string })[] };

const itemName = (dropId: number, sku: string): string => `item ${sku} of drop ${dropId}`;

function loggedCatalogue(
  source: RowSource,
  skuOf: ReadonlyMap<number, string>,
): { drops: Map<number, LoggedFields>; items: Map<string, LoggedFields> } {
  const drops = new Map<number, LoggedFields>();
  const items = new Map<string, LoggedFields>();
  const events = source.query<CatalogueEvent>(`
    select kind, at, drop_id as dropId, item_id as itemId, quantity, detail from events
    where kind in ('drop_created', 'drop_edited', 'restocked') order by seq`);
  for (const { kind, at, dropId, itemId, quantity, detail } of events()) {
    if (kind === 'restocked') {
      const item = items.get(itemName(dropId, skuOf.get(itemId ?? 0) ?? ''));
      item?.set('stock', Number(item.get('stock')) + (quantity ?? 0));
      continue;
    }
    const { items: itemEdits = [], ...fields }: Edit = JSON.parse(detail ?? '{}');
    const drop = drops.get(dropId) ?? new Map();
    drops.set(dropId, drop);
    if (kind === 'drop_created') drop.set('createdAt', at).set('paused', false).set('movedAt', null);
    for (const [field, value] of Object.entries(fields)) drop.set(field, value);
    for (const { sku, ...itemFields } of itemEdits) {
      const name = itemName(dropId, sku);
      const item = items.get(name) ?? new Map();
      items.set(name, item);
      for (const [field, value] of Object.entries(itemFields)) item.set(field, value);
    }
  }
  return { drops, items };
}

type DropRow = Record<string, Value> & { id: number };
type ItemRow = Record<string, Value> & { id: number; dropId: number; sku: string };

/** Adds the currency of a drop of an older version, which logged it only with the first hold. */
function loggedWithCurrency(source: RowSource, dropId: number, logged: LoggedFields): LoggedFields {
  if (logged.has('currency')) return logged;
  const held = source.query<{ currency: string }>(
    `select currency from events where drop_id = ? and kind = 'held' order by seq limit 1`,
  );
  const first = firstRow(held(dropId));
  return first ? new Map(logged).set('currency', first.currency) : logged;
}

/** Drops and items match the log in stock, prices, limits and times. */
export function* catalogueMatchesEvents(source: RowSource): Generator<string> {
  const dropRows = [
    ...source.query<DropRow>(`
      select id, slug, title, description, image_url as imageUrl, currency, per_customer as perCustomer,
        starts_at as startsAt, ends_at as endsAt, hold_seconds as holdSeconds, published, paused,
        moved_at as movedAt,
        created_at as createdAt
      from drops order by id`)(),
  ];
  const itemRows = [
    ...source.query<ItemRow>(
      'select id, drop_id as dropId, sku, name, price, stock from items order by id',
    )(),
  ];
  const { drops, items } = loggedCatalogue(source, new Map(itemRows.map(({ id, sku }) => [id, sku])));
  for (const row of dropRows) {
    const logged = drops.get(row.id);
    drops.delete(row.id);
    if (logged) yield* differences(`drop ${row.id}`, loggedWithCurrency(source, row.id, logged), row);
    else yield `drop ${row.id} has no creation event`;
  }
  for (const row of itemRows) {
    const name = itemName(row.dropId, row.sku);
    const logged = items.get(name);
    items.delete(name);
    if (logged) yield* differences(name, logged, row);
    else yield `${name} has no creation event`;
  }
  for (const dropId of drops.keys()) yield `drop ${dropId} has events but no row`;
  for (const name of items.keys()) yield `${name} has events but no row`;
}

interface OperatorEvent {
  kind: 'operator_added' | 'operator_revoked';
  at: number;
  operator: number;
  name: string;
  scopes: string | null;
}

interface OperatorRow {
  id: number;
  name: string;
  scopes: string;
  createdAt: number;
  revokedAt: number | null;
}

/** Every operator token has events of its creation, its scopes and its revocation. */
export function* operatorsMatchEvents(source: RowSource): Generator<string> {
  const logged = new Map<number, LoggedFields>();
  const events = source.query<OperatorEvent>(`
    select kind, at, json_extract(detail, '$.operator') as operator, json_extract(detail, '$.name') as name,
      json_extract(detail, '$.scopes') as scopes
    from events where kind in ('operator_added', 'operator_revoked') order by seq`);
  for (const { kind, at, operator, name, scopes } of events()) {
    if (kind === 'operator_revoked') logged.get(operator)?.set('revokedAt', at);
    else
      logged.set(
        operator,
        new Map<string, Value>([
          ['name', name],
          ['scopes', scopes],
          ['createdAt', at],
          ['revokedAt', null],
        ]),
      );
  }
  const rows = source.query<OperatorRow>(
    `select id, name, json(scopes) as scopes, created_at as createdAt, revoked_at as revokedAt
       from operators order by id`,
  )();
  for (const row of rows) {
    const operator = logged.get(row.id);
    logged.delete(row.id);
    if (operator) yield* differences(`operator ${row.id}`, operator, { ...row });
    else yield `operator ${row.id} has no creation event`;
  }
  for (const id of logged.keys()) yield `operator ${id} has events but no row`;
}
