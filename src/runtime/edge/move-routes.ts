/** GET /admin/drops/:id/export and the way in: how a drop leaves its object, and how one comes to a new object. */

import { rowsOfObject } from '../../database/edge/object-rows.ts';
import type { ObjectStore } from '../../database/edge/object-store.ts';
import type { DropFileHeader } from '../../database/move/drop-file.ts';
import { exportDrop, MoveRefusedError } from '../../database/move/export-drop.ts';
import { checkDropFile, importDrop } from '../../database/move/import-drop.ts';
import { UNCLAIMED } from '../../domain/place.ts';
import type { AdminRoute } from '../../http/admin-routes.ts';
import { download } from '../../http/download.ts';
import { refuseCoding } from '../../http/json.ts';
import { problem } from '../../http/problem.ts';
import { IMPORT_BYTES_MAX } from '../../limits.ts';

export const exportRoute = (
  storage: DurableObjectStorage,
  store: ObjectStore,
  place: number,
  now: () => number,
): AdminRoute => ({
  method: 'GET',
  path: '/admin/drops/:id/export',
  scope: 'orders:read',
  handle(c) {
    const drop = store.snapshot.find(c.req.param('id') ?? '');
    if (!drop) return problem('not_found');
    const lines = exportDrop(rowsOfObject(storage), drop.id, place, now());
    try {
      // Read at once: what is written while a slow client reads would be half in it.
      return download([...lines].join(''), 'application/jsonl; charset=utf-8', `${drop.slug}.jsonl`);
    } catch (error) {
      if (error instanceof MoveRefusedError) return problem('not_movable', { detail: error.message });
      throw error;
    }
  },
});

/** POST /admin/import: the lines of a drop's file; `takeIn` answers once the drop is in its object. */
export const importRoute = (
  takeIn: (header: DropFileHeader, text: string) => Promise<Response>,
): AdminRoute => ({
  method: 'POST',
  path: '/admin/import',
  scope: 'drops:write',
  async handle(c) {
    const coded = refuseCoding(c.req.raw);
    if (coded) return coded;
    const tooLarge = (): Response =>
      problem('too_large', { detail: `A drop's file may have ${IMPORT_BYTES_MAX} bytes here.` });
    if (Number(c.req.header('content-length') ?? 0) > IMPORT_BYTES_MAX) return tooLarge();
    const text = await c.req.text();
    if (text.length > IMPORT_BYTES_MAX) return tooLarge();
    try {
      const header = checkDropFile(text);
      if (header.dropId >= UNCLAIMED)
        return problem('invalid', { detail: 'The key of the drop is too large.' });
      return await takeIn(header, text);
    } catch (error) {
      if (error instanceof MoveRefusedError) return problem('invalid', { detail: error.message });
      throw error;
    }
  },
});

/** Takes a drop into an object that has none. Throws `MoveRefusedError`, and leaves the object empty then. */
export function importIntoObject(storage: DurableObjectStorage, place: number, text: string): void {
  const source = rowsOfObject(storage);
  try {
    storage.transactionSync(() => {
      importDrop(
        text,
        place,
        {
          insert(table, columns, values) {
            const names = columns.map((name) => `"${name}"`).join(', ');
            storage.sql.exec(
              `insert into ${table} (${names}) values (${columns.map(() => '?').join(', ')})`,
              ...values,
            );
          },
        },
        source,
      );
    });
  } catch (error) {
    if (source.isUnreadable(error)) throw new MoveRefusedError(`The drop is not sound: ${error.message}`);
    throw error;
  }
}
