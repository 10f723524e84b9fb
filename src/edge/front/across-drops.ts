/**
 * Operator requests that concern many drops: sent to their objects concurrently, and answered as
 * one.
 */

import { json, readText } from '../../http/json.ts';
import type { allOperatorOperations } from '../../http/operator-operations.ts';
import { invalid, problem } from '../../http/problem.ts';
import { createIds, type Ids } from '../../ids/ids.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX } from '../../limits.ts';
import { inParallel } from '../in-parallel.ts';
import { OBJECTS_AT_A_TIME } from '../limits.ts';
import type { DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';

/** Greater than every key that a shard assigns. */
const AFTER_ALL = 2 ** 47;
const LINE_FEED = 10;

interface Page {
  nextCursor: string | null;
  [list: string]: unknown;
}

type ListName = 'orders' | 'refunds';

/** An operation on one drop, which one shard or each shard of it answers. */
export type DropOperation = Extract<
  (typeof allOperatorOperations)[number],
  { object: 'first shard' | 'each shard' }
>;
type EachShardOperation = Extract<DropOperation, { object: 'each shard' }>;

/** How the answers of the shards become one. */
const merges: Record<
  EachShardOperation['id'],
  (answers: readonly Response[]) => Response | Promise<Response>
> = {
  editDrop: ([first]) => first ?? problem('not_found'),
  closeDrop: ([first]) => first ?? problem('not_found'),
  audit: mergedCertificates,
  exportOrders: joinedExports,
};

export class AcrossDrops {
  readonly #objects: Objects<DropObject>;
  readonly #secretKey: string;
  readonly #ids: Ids;

  constructor(objects: Objects<DropObject>, secretKey: string) {
    this.#objects = objects;
    this.#secretKey = secretKey;
    this.#ids = createIds(secretKey);
  }

  /**
   * Returns a page of a list over `shardIds`, the newest drop first and the newest entry first
   * within a drop. Null where no shard can answer. The first refusal of a shard is the answer.
   */
  async list(request: Request, shardIds: readonly number[], name: ListName): Promise<Response | null> {
    const url = new URL(request.url);
    const { searchParams } = url;
    const cursor = searchParams.get('cursor');
    const from = cursor === null ? 0 : shardIds.indexOf(this.#ids.shardIdOf(cursor) ?? -1);
    // The first object rejects an unknown cursor.
    const asked = shardIds.slice(Math.max(from, 0));
    const limit = Number(searchParams.get('limit') ?? PAGE_ORDERS_DEFAULT);
    const max = Number.isInteger(limit) && limit >= 1 ? Math.min(limit, PAGE_ORDERS_MAX) : 1;
    // For a HEAD too, because the bodies say whether there are more pages.
    const asGet = new Request(request, { method: 'GET' });
    const askFor = (shardId: number, room = max): Promise<Response> => {
      const own = new URL(url);
      if (shardId !== asked[0]) own.searchParams.delete('cursor');
      if (room < max) own.searchParams.set('limit', String(room));
      return this.#objects.forward(shardId, new Request(own, asGet));
    };
    const found: unknown[] = [];
    let answer: Response | null = null;
    let answers: readonly Response[] = [];
    let wave = 1;
    for (const [index, shardId] of asked.entries()) {
      // One shard fills most pages. If it does not, each further round queries twice as many.
      if (answers.length === 0) {
        answers = await Promise.all(asked.slice(index, index + wave).map((shardId) => askFor(shardId)));
        wave = Math.min(2 * wave, OBJECTS_AT_A_TIME);
      }
      [answer = problem('not_found'), ...answers] = answers;
      // The key was reserved for a drop that was never created, so it has no orders.
      if (answer.status === 404) continue;
      if (!answer.ok) return answer;
      let page: Page = await answer.json();
      const room = max - found.length;
      // The shard answered before the page was this full, and only the shard knows where the next
      // page begins.
      if (name === 'orders' && (page[name] as unknown[]).length > room) {
        answer = await askFor(shardId, room);
        if (!answer.ok) return answer;
        page = await answer.json();
      }
      found.push(...(page[name] as unknown[]));
      const isFull = found.length >= max;
      if (page.nextCursor !== null && isFull) return json({ [name]: found, nextCursor: page.nextCursor });
      const next = asked[index + 1];
      if (isFull && next !== undefined) {
        return json({ [name]: found, nextCursor: createIds(this.#secretKey, next).cursor(AFTER_ALL) });
      }
    }
    return answer && json({ [name]: found, nextCursor: null });
  }

  /** Adds up the counts that every shard answers. Null where there is no shard. */
  async sum(shardIds: readonly number[], requestFor: (shardId: number) => Request): Promise<Response | null> {
    const sums: Record<string, number> = {};
    const answers = await inParallel(shardIds, OBJECTS_AT_A_TIME, (shardId) =>
      this.#objects.forward(shardId, requestFor(shardId)),
    );
    const refusal = answers.find(({ ok }) => !ok);
    if (refusal) return refusal;
    for (const answer of answers) {
      const counts: Record<string, number> = await answer.json();
      for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    }
    return answers.length > 0 ? json(sums) : null;
  }

  /**
   * Sends a request about a sharded drop to its first shard, or to each shard in turn: the first
   * refusal is the answer. `operation` is null for a method that the path does not support.
   */
  async ofShards(
    request: Request,
    shardIds: readonly number[],
    operation: DropOperation | null,
  ): Promise<Response> {
    const [first = 0] = shardIds;
    if (operation?.object !== 'each shard') return this.#objects.forward(first, request);
    const text = operation.method === 'get' ? null : await bodyOf(request, operation);
    if (text instanceof Response) return text;
    if (text?.includes('"stock"')) {
      return invalid('items', 'The stock of a drop with shards is changed by /restock, one item at a time.');
    }
    const answers: Response[] = [];
    for (const shardId of shardIds) {
      const answer = await this.#objects.forward(shardId, new Request(request, { body: text }));
      if (!answer.ok) return answer;
      answers.push(answer);
    }
    // An answer to HEAD has no body to merge.
    const [answered = problem('not_found')] = answers;
    return request.method === 'HEAD' ? answered : merges[operation.id](answers);
  }
}

/** A body that the operation does not declare is ignored, as on a machine. */
const bodyOf = async (request: Request, operation: EachShardOperation): Promise<string | Response> =>
  'body' in operation ? readText(request) : '';

async function mergedCertificates(answers: readonly Response[]): Promise<Response> {
  const shards = await Promise.all(
    answers.map((answer) => answer.json<{ drop: unknown; isClean: boolean; violations: string[] }>()),
  );
  return json({
    drop: shards[0]?.drop,
    isClean: shards.every(({ isClean }) => isClean),
    violations: shards.flatMap(({ violations }) => violations),
    shards,
  });
}

/**
 * Joins the exports in order, with the byte-order mark and the header of the first only; reads no
 * faster than the client.
 */
function joinedExports(answers: readonly Response[]): Response {
  const { readable, writable } = new IdentityTransformStream();
  const write = async (): Promise<void> => {
    for (const [index, { body }] of answers.entries()) {
      const lines = index === 0 ? body : body?.pipeThrough(withoutFirstLine());
      await lines?.pipeTo(writable, { preventClose: true });
    }
    await writable.close();
  };
  // A client that stops reading, or a shard that fails, ends the download.
  write().catch(() => undefined);
  return new Response(readable, answers[0]);
}

/** Works on bytes: decoding would drop the byte-order mark. */
function withoutFirstLine(): TransformStream<Uint8Array, Uint8Array> {
  let isFirst = true;
  return new TransformStream({
    transform(chunk, controller) {
      const end = isFirst ? chunk.indexOf(LINE_FEED) : -1;
      if (isFirst && end === -1) return;
      isFirst = false;
      controller.enqueue(chunk.subarray(end + 1));
    },
  });
}
