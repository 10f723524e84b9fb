/** A route that restores a drop's object to a moment of the last 30 days (docs/edge.md). */
import * as v from 'valibot';
import { type OperatorRoute, operatorRoutes } from '../../../src/http/admin-routes.ts';
import { operatorOperations } from '../../../src/http/operation.ts';
import { problem } from '../../../src/http/problem.ts';
import type { Log } from '../../../src/log.ts';

/** Belongs into `allOperatorOperations`: the Worker in front forwards what is declared there. */
export const restoreOperations = operatorOperations([
  {
    id: 'restoreObject',
    method: 'post',
    path: '/admin/drops/:id/restore',
    summary: 'Restore the object of a drop to an earlier moment',
    access: 'drops:import',
    object: 'first shard',
    /** `at`: epoch milliseconds. */
    query: v.object({ at: v.pipe(v.string(), v.regex(/^\d{13}$/), v.toNumber()) }),
    answers: [],
    refusals: ['not_movable'],
    isOnlyOnWorkers: true,
  },
]);

/** Belongs behind `exportRoutes(…)` in `src/edge/object/drop-object.ts`. */
export const restoreRoutes = (
  storage: DurableObjectStorage,
  shards: number,
  abort: (reason: string) => void,
  log: Log,
): OperatorRoute[] =>
  operatorRoutes(restoreOperations, {
    async restoreObject({ readQuery }) {
      const query = readQuery();
      if (query instanceof Response) return query;
      // Transfers between shards would be undone on one side only.
      if (shards > 1) return problem('not_movable', { detail: 'A drop with shards cannot be restored.' });
      const bookmark = await storage.getBookmarkForTime(query.at);
      // Restores to the moment before this restore.
      const undo = await storage.onNextSessionRestoreBookmark(bookmark);
      log.warn({ bookmark, undo }, 'an object is restored');
      abort('The object is restored.');
      return new Response(null, { status: 202 });
    },
  });
