/** GET /admin/drops/:id/export and the way in: how a drop leaves its object, and how one comes to a new object. */

import { rowsOfObject } from '../../database/edge/object-rows.ts';
import type { ObjectStore } from '../../database/edge/object-store.ts';
import type { SignDropFile } from '../../database/move/drop-file.ts';
import { exportDrop, MoveRefusedError } from '../../database/move/export-drop.ts';
import { importDrop } from '../../database/move/import-drop.ts';
import type { AdminRoute } from '../../http/admin-routes.ts';
import { download } from '../../http/download.ts';
import { brokenRule } from '../../http/moved-row.ts';
import { problem } from '../../http/problem.ts';

export const exportRoute = (
  storage: DurableObjectStorage,
  store: ObjectStore,
  place: number,
  now: () => number,
  sign: SignDropFile,
): AdminRoute => ({
  method: 'GET',
  path: '/admin/drops/:id/export',
  scope: 'orders:read',
  handle(c) {
    const drop = store.snapshot.find(c.req.param('id') ?? '');
    if (!drop) return problem('not_found');
    const lines = exportDrop(rowsOfObject(storage), drop.id, place, now(), sign);
    try {
      // Read at once: what is written while a slow client reads would be half in it.
      return download([...lines].join(''), 'application/jsonl; charset=utf-8', `${drop.slug}.jsonl`);
    } catch (error) {
      if (error instanceof MoveRefusedError) return problem('not_movable', { detail: error.message });
      throw error;
    }
  },
});

/** Takes a drop into an object that has none. Throws `MoveRefusedError`, and leaves the object empty then. */
export function importIntoObject(
  storage: DurableObjectStorage,
  place: number,
  text: string,
  sign: SignDropFile,
): void {
  const source = rowsOfObject(storage);
  try {
    storage.transactionSync(() => {
      importDrop(
        text,
        place,
        { sign, brokenRule },
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
