/** GET /admin: the overview. */
import { Hono } from 'hono';
import type { DropPhase } from '../../domain/drop.ts';
import { overviewPage } from '../../pages/admin/overview-page.ts';
import { readings } from '../../pages/admin/readings.ts';
import type { ReadyView } from '../../pages/admin/views.ts';
import { pathWith } from './api.ts';
import type { WithSession } from './page-request.ts';

/** Drops that need an operator's attention come first. */
const order: readonly DropPhase[] = ['live', 'paused', 'sold_out', 'scheduled', 'draft', 'ended'];

const notReady: ReadyView = {
  status: 'not_ready',
  synchronous: 'unknown',
  walBytes: 0,
  readersOpen: 0,
  readersInUse: 0,
  readThreadsOpen: 0,
  readQueueDepth: 0,
};

export function overviewRoutes(withSession: WithSession) {
  return new Hono().get(
    '/admin',
    withSession(async ({ c, viewer, api }) => {
      // The start page of every operator, also without the scope `drops:read`.
      const list = viewer.may('adminListDrops') ? await api.call('adminListDrops') : null;
      const drops = (list?.value?.drops ?? []).toSorted(
        (one, other) =>
          order.indexOf(one.phase) - order.indexOf(other.phase) || (one.startsAt < other.startsAt ? 1 : -1),
      );
      const asked = c.req.query('drop') ?? '';
      const chosen = drops.find(({ id, slug }) => id === asked || slug === asked) ?? drops[0] ?? null;
      const here = { dropId: chosen?.id ?? '' };
      // On Workers, of one drop, like the figures below: every other drop's object would have to
      // wake up.
      const dropId = viewer.isEdge ? here.dropId : '';
      const mayListOrders = viewer.may('listOrders') && !(viewer.isEdge && dropId === '');
      const [ready, metrics, disputed] = await Promise.all([
        api.get<ReadyView>(pathWith('/readyz', here)),
        api.text(pathWith('/metrics', here)),
        mayListOrders ? api.call('listOrders', { query: { dispute: 'open', dropId } }) : null,
      ]);
      return overviewPage({
        viewer,
        drops,
        chosen,
        disputed: {
          count: disputed?.value?.orders.length ?? 0,
          hasMore: (disputed?.value?.nextCursor ?? null) !== null,
        },
        refusal: list?.refusal ?? null,
        ready: ready.value ?? notReady,
        totals: readings.moment([], readings.read(metrics ?? ''), 1),
      });
    }),
  );
}
