/** An operator's questions that concern every drop: asked of one object after the other, and answered as one. */
import * as v from 'valibot';
import type { FieldError } from '../../domain/outcome.ts';
import { isLook } from '../../http/admin-auth.ts';
import { eraseBody, openOrders, unknownOrders } from '../../http/admin-customers.ts';
import { json, parsedOrNull, readText } from '../../http/json.ts';
import { invalid, problem } from '../../http/problem.ts';
import { createIds, type Ids } from '../../ids.ts';
import { PAGE_ORDERS_DEFAULT, PAGE_ORDERS_MAX } from '../../limits.ts';
import type { DropObject } from './drop-object.ts';
import type { Objects } from './objects.ts';

/** Above every key that a place gives. */
const AFTER_ALL = 2 ** 47;
const LINE_FEED = 10;

interface Page {
  nextCursor: string | null;
  [list: string]: unknown;
}

type ListName = 'orders' | 'refunds';

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
   * A page of a list over `places`: by drop, the newest first, and within a drop the newest first. Null where no place can
   * answer. The first refusal of a place is the answer.
   */
  async list(request: Request, places: readonly number[], name: ListName): Promise<Response | null> {
    const url = new URL(request.url);
    const { searchParams } = url;
    const cursor = searchParams.get('cursor');
    const from = cursor === null ? 0 : places.indexOf(this.#ids.placeOf(cursor) ?? -1);
    // A cursor of nobody is the first object's to refuse.
    const asked = places.slice(Math.max(from, 0));
    const limit = Number(searchParams.get('limit') ?? PAGE_ORDERS_DEFAULT);
    const max = Number.isInteger(limit) && limit >= 1 ? Math.min(limit, PAGE_ORDERS_MAX) : 1;
    // Also for a HEAD: whether there is more to ask for is in the bodies.
    const asGet = new Request(request, { method: 'GET' });
    const found: unknown[] = [];
    let answer: Response | null = null;
    for (const [index, place] of asked.entries()) {
      if (index > 0) searchParams.delete('cursor');
      if (index > 0 && name === 'orders') searchParams.set('limit', String(max - found.length));
      answer = await this.#objects.forward(place, new Request(url, asGet));
      if (!answer.ok) return answer;
      const page: Page = await answer.json();
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

  /** The answers of every place, their numbers added up. Null where there is no place. */
  async sum(places: readonly number[], requestFor: (place: number) => Request): Promise<Response | null> {
    const sums: Record<string, number> = {};
    let answer: Response | null = null;
    for (const place of places) {
      answer = await this.#objects.forward(place, requestFor(place));
      if (!answer.ok) return answer;
      const counts: Record<string, number> = await answer.json();
      for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
    }
    return answer && json(sums);
  }

  /**
   * Erases a customer at every place, once no place refuses. A dry run at each place comes first, with the ids of its own orders.
   * What the places refuse together is one refusal. An order that is paid between the two rounds is refused by its own place.
   * Null where there is no place.
   */
  async erase(request: Request, text: string, places: readonly number[]): Promise<Response | null> {
    const [first] = places;
    if (first === undefined) return null;
    const { success, output: body } = v.safeParse(eraseBody, parsedOrNull(text));
    // The first place refuses a body that is invalid.
    if (!success) return this.#objects.forward(first, new Request(request, { body: text }));
    const headers = new Headers(request.headers);
    headers.delete('content-length');
    const requestWith = (changes: Partial<typeof body>): Request =>
      new Request(request, { headers, body: JSON.stringify({ ...body, ...changes }) });
    const namedAt = (place: number): string[] =>
      body.openOrders.filter((id) => this.#ids.placeOf(id) === place);

    const unknown = new Set(body.openOrders.filter((id) => !places.includes(this.#ids.placeOf(id) ?? -1)));
    let isOpen = false;
    for (const place of places) {
      const named = namedAt(place);
      const answer = await this.#objects.forward(place, requestWith({ openOrders: named, dryRun: true }));
      if (answer.ok) continue;
      if (answer.status === 409) isOpen = true;
      else if (answer.status === 422) {
        const { errors } = await answer.json<{ errors: FieldError[] }>();
        for (const { path } of errors) unknown.add(named[Number(path.split('.')[1])] ?? '');
      } else return answer;
    }
    if (unknown.size > 0) {
      return unknownOrders(
        [...body.openOrders.keys()].filter((at) => unknown.has(body.openOrders[at] ?? '')),
      );
    }
    if (isOpen) return this.#openOrders(places, requestWith({ openOrders: [], dryRun: true }));
    return this.sum(places, (place) => requestWith({ openOrders: namedAt(place) }));
  }

  /** The refusal that lists the open orders of every place: the named ones too, as a machine lists them. */
  async #openOrders(places: readonly number[], dryRun: Request): Promise<Response> {
    const open: FieldError[] = [];
    for (const place of places) {
      const answer = await this.#objects.forward(place, dryRun.clone());
      if (answer.status === 409) open.push(...(await answer.json<{ errors: FieldError[] }>()).errors);
      else if (!answer.ok) return answer;
    }
    return openOrders(open);
  }

  /** What concerns a drop with lanes: each is asked or told, one after the other; the first refusal is the answer. */
  async ofLanes(request: Request, places: readonly number[]): Promise<Response> {
    const what = /^\/admin\/drops\/[^/]+\/?(.*)$/.exec(new URL(request.url).pathname)?.[1] ?? '';
    const [first = 0] = places;
    // Units that come go to the first lane, and units that leave it gets from the others.
    if (what === 'restock') return this.#objects.forward(first, request);
    // Only an edit of the drop takes a body: elsewhere one that came is ignored, as a machine ignores it.
    const sent = what === '' ? await readText(request) : '';
    const text = isLook(request) ? null : sent;
    if (text instanceof Response) return text;
    if (text?.includes('"stock"')) {
      return invalid('items', 'The stock of a drop with lanes is changed by /restock, one item at a time.');
    }
    const answers: Response[] = [];
    if (what.startsWith('export')) return this.#objects.forward(first, request);
    for (const place of places) {
      const answer = await this.#objects.forward(place, new Request(request, { body: text }));
      if (!answer.ok) return answer;
      answers.push(answer);
    }
    const isWanted = request.method === 'GET';
    if (what === 'audit' && isWanted) return this.#certificates(answers);
    return what === 'orders.csv' && isWanted ? this.#exports(answers) : (answers[0] ?? problem('not_found'));
  }

  async #certificates(answers: readonly Response[]): Promise<Response> {
    const lanes = await Promise.all(
      answers.map((answer) => answer.json<{ drop: unknown; isClean: boolean; violations: string[] }>()),
    );
    return json({
      drop: lanes[0]?.drop,
      isClean: lanes.every(({ isClean }) => isClean),
      violations: lanes.flatMap(({ violations }) => violations),
      lanes,
    });
  }

  /** One after the other, with the byte-order mark and the header of the first alone; read as fast as the client reads. */
  #exports(answers: readonly Response[]): Response {
    const { readable, writable } = new IdentityTransformStream();
    const write = async (): Promise<void> => {
      for (const [index, { body }] of answers.entries()) {
        const lines = index === 0 ? body : body?.pipeThrough(withoutFirstLine());
        await lines?.pipeTo(writable, { preventClose: true });
      }
      await writable.close();
    };
    // A client that stops reading, or a shard that breaks off, ends the download.
    write().catch(() => undefined);
    return new Response(readable, answers[0]);
  }
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
