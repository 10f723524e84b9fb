/** An operator's steps before and between loads: opens live drops, and restocks them. */
import { operate } from '../../src/crowd/operator.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { Drop } from '../support/shapes.ts';

/** The sku of every drop opened here. */
export const sku = 'only';

export interface NewDrop {
  slug: string;
  stock: number;
  holdSeconds: number;
  perCustomer: number | null;
}

/** Opens a drop with one item. Throws where the server refuses it. */
export function openDrop(server: ServerProcess, drop: NewDrop): Promise<Drop> {
  const { slug, stock, holdSeconds, perCustomer } = drop;
  return operate(server, '/admin/drops', {
    slug,
    title: slug,
    currency: 'EUR',
    startsAt: '2020-01-01T00:00:00Z',
    holdSeconds,
    perCustomer,
    items: [{ sku, name: 'One size', price: 1_000, stock }],
    publish: true,
  });
}

/** Adds units to a drop. Throws where the server refuses it. */
export const restock = (server: ServerProcess, slug: string, quantity: number): Promise<Drop> =>
  operate(server, `/admin/drops/${slug}/restock`, { sku, quantity });
