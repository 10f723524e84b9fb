/** An operator's questions that concern every drop: asked of one object after the other, and answered as one. */
import { createIds, type Ids } from '../../ids.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX } from '../../limits.ts';
import type { Objects } from './objects.ts';

/** Above every key that a place gives. */
const AFTER_ALL = 2 ** 47;

interface Page {
  nextCursor: string | null;
  [list: string]: unknown;
}

interface List {
  /** The name of the list in the answer. */
  name: 'orders' | 'refunds';
  /** The cursor that stands before everything of a place. */
  cursorBefore(ids: Ids): string;
}

const lists: Record<List['name'], List> = {
  orders: { name: 'orders', cursorBefore: (ids) => ids.order({ dropId: 0, orderId: AFTER_ALL }) },
  refunds: { name: 'refunds', cursorBefore: (ids) => ids.refund(AFTER_ALL) },
};

export class AcrossDrops {
  readonly #objects: Objects;
  readonly #secretKey: string;
  readonly #ids: Ids;

  constructor(objects: Objects, secretKey: string) {
    this.#objects = objects;
    this.#secretKey = secretKey;
    this.#ids = createIds(secretKey);
  }

  /**
   * A page of a list over `places`: by drop, the newest first, and within a drop the newest first. Null where no place can
   * answer. The first refusal of a place is the answer.
   */
  async list(request: Request, places: readonly number[], name: List['name']): Promise<Response | null> {
    const url = new URL(request.url);
    const { searchParams } = url;
    const cursor = searchParams.get('cursor');
    const from = cursor === null ? 0 : places.indexOf(this.#ids.placeOf(cursor) ?? -1);
    // A cursor of nobody is the first object's to refuse.
    const asked = places.slice(Math.max(from, 0));
    const limit = Number(searchParams.get('limit') ?? PAGE_ORDERS_DEFAULT);
    const max = Number.isInteger(limit) && limit >= 1 ? Math.min(limit, PAGE_ORDERS_MAX) : 1;
    const found: unknown[] = [];
    let answer: Response | null = null;
    for (const [index, place] of asked.entries()) {
      if (index > 0) searchParams.delete('cursor');
      if (index > 0 && name === 'orders') searchParams.set('limit', String(max - found.length));
      answer = await this.#objects.forward(place, new Request(url, request));
      if (!answer.ok) return answer;
      const page: Page = await answer.json();
      found.push(...(page[name] as unknown[]));
      const isFull = found.length >= max;
      if (page.nextCursor !== null && isFull) return this.#answer(name, found, page.nextCursor);
      const next = asked[index + 1];
      if (isFull && next !== undefined) {
        return this.#answer(name, found, lists[name].cursorBefore(createIds(this.#secretKey, next)));
      }
    }
    return answer && this.#answer(name, found, null);
  }

  /** The answers of every place, their numbers added up. Null where there is no place. */
  async sum(request: Request, places: readonly number[]): Promise<Response | null> {
    const sums: Record<string, number> = {};
    let answer: Response | null = null;
    for (const place of places) {
      answer = await this.#objects.forward(place, request.clone());
      if (!answer.ok) return answer;
      const counts: Record<string, number> = await answer.json();
      for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    }
    return answer && Response.json(sums, { headers: { 'cache-control': 'no-store' } });
  }

  #answer(name: string, found: readonly unknown[], nextCursor: string | null): Response {
    return Response.json({ [name]: found, nextCursor }, { headers: { 'cache-control': 'no-store' } });
  }
}
