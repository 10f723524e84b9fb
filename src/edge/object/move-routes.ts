/**
 * POST /admin/drops/:id/export, its undo and the import: moves a drop out of its object, or into a
 * new one.
 */

import type { SignDropFile } from '../../database/move/drop-file.ts';
import { exportDrop, MoveRefusedError, mustBeMovable } from '../../database/move/export-drop.ts';
import { importDrop } from '../../database/move/import-drop.ts';
import { type OperatorRoute, operatorRoutes } from '../../http/admin-routes.ts';
import { download } from '../../http/download.ts';
import { json } from '../../http/json.ts';
import { exportOperations } from '../../http/move-operations.ts';
import { brokenRule } from '../../http/moved-row.ts';
import { problem, refuse } from '../../http/problem.ts';
import { requestedDrop } from '../../http/requested-drop.ts';
import type { ObjectDatabase } from './database.ts';
import { rowsOfObject } from './rows.ts';
import { textStream } from './text-stream.ts';

export const exportRoutes = (
  storage: DurableObjectStorage,
  db: ObjectDatabase,
  shardId: number,
  shards: number,
  now: () => number,
  mark: () => Promise<string>,
  sign: SignDropFile,
): OperatorRoute[] =>
  operatorRoutes(exportOperations, {
    async exportDrop({ c, actor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      if (shards > 1) return problem('not_movable', { detail: 'A drop with shards cannot move.' });
      // The file contains the mark. An object that never opened a checkout may not have it yet.
      if ((await mark().catch(() => null)) === null)
        return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
      const rows = rowsOfObject(storage);
      try {
        mustBeMovable(rows, drop.id, shardId, now(), { sign, brokenRule });
        const marked = await db.submit({ kind: 'moveDrop', actor, dropId: drop.id, isMoved: true });
        if (marked.kind !== 'drop_saved') return refuse(marked);
        // The drop can no longer change, so its rows are read while they are sent.
        const lines = exportDrop(rows, drop.id, shardId, now(), sign);
        return download(textStream(lines), 'application/jsonl; charset=utf-8', `${drop.slug}.jsonl`);
      } catch (error) {
        if (error instanceof MoveRefusedError) return problem('not_movable', { detail: error.message });
        throw error;
      }
    },
    /** For a file that no deployment has imported. */
    async undoExport({ c, actor }) {
      const drop = requestedDrop(db, c);
      if (!drop) return problem('not_found');
      const saved = await db.submit({ kind: 'moveDrop', actor, dropId: drop.id, isMoved: false });
      return saved.kind === 'drop_saved' ? json({ slug: drop.slug }) : refuse(saved);
    },
  });

/**
 * Imports a drop into an empty object. Throws `MoveRefusedError`, and then leaves the object empty.
 */
export function importIntoObject(
  storage: DurableObjectStorage,
  shardId: number,
  text: string,
  sign: SignDropFile,
): void {
  const source = rowsOfObject(storage);
  try {
    storage.transactionSync(() => {
      importDrop(
        text,
        shardId,
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
