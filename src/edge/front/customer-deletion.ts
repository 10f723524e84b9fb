/** Deletes the personal data of a customer in every object, over several requests if needed. */
import * as v from 'valibot';
import type { FieldError } from '../../domain/outcome.ts';
import { eraseBody, openOrders, unknownOrders } from '../../http/admin-customers.ts';
import { json, parsedOrNull } from '../../http/json.ts';
import { problem } from '../../http/problem.ts';
import type { Ids } from '../../ids/ids.ts';
import type { CustomerIndex } from '../customer-shards.ts';
import { inParallel } from '../in-parallel.ts';
import {
  CUSTOMERS_LATE_MS,
  DELETION_OBJECTS_MAX,
  DELETION_RESUMED_MS,
  OBJECTS_AT_A_TIME,
} from '../limits.ts';
import type { DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';

/** Whether every shard would refuse alike: neither a missing drop nor an unreachable object. */
const isRefusalOfAll = ({ ok, status }: Response): boolean => !ok && status !== 404 && status < 500;

export class CustomerDeletion {
  readonly #objects: Objects<DropObject>;
  readonly #ids: Ids;

  constructor(objects: Objects<DropObject>, ids: Ids) {
    this.#objects = objects;
    this.#ids = ids;
  }

  /**
   * Deletes a customer's personal data at every shard. A dry run at the likely shards comes first,
   * with the ids of their own orders; their refusals become one refusal, and nothing is deleted.
   * The index only gives the order, because it may lag, so the deletion calls every shard. Shards
   * that failed, and shards beyond the limit of one request, are kept for the next identical
   * request. Null where the application in the Worker can answer.
   */
  async erase(request: Request, text: string, index: CustomerIndex, now: number): Promise<Response | null> {
    const { success, output: body } = v.safeParse(eraseBody, parsedOrNull(text));
    if (!success) return null;
    const customer = this.#ids.customer(body.email);
    const left = await index.left(customer, now - DELETION_RESUMED_MS);
    const likely = await index.likelyShardIds(customer, now - CUSTOMERS_LATE_MS);
    const every = new Set([...likely, ...(await index.everyShardId())]);
    if (every.size === 0) return null;
    const headers = new Headers(request.headers);
    headers.delete('content-length');
    const namedAt = (shardId: number): string[] =>
      body.openOrders.filter((id) => this.#ids.shardIdOf(id) === shardId);
    const requestFor =
      (isDryRun: boolean) =>
      (shardId: number): Request => {
        const own = { ...body, openOrders: namedAt(shardId), dryRun: isDryRun };
        return new Request(request, { headers, body: JSON.stringify(own) });
      };

    const named = body.openOrders
      .map((id) => this.#ids.shardIdOf(id) ?? -1)
      .filter((shardId) => every.has(shardId));
    const checked = [...new Set([...named, ...likely])];
    const answers = await this.#ask(checked, requestFor(true));
    const unknown = new Set(body.openOrders.filter((id) => !every.has(this.#ids.shardIdOf(id) ?? -1)));
    for (const [at, answer] of answers.entries()) {
      if (answer.status !== 422) continue;
      const { errors } = await answer.clone().json<{ errors: FieldError[] }>();
      const theirs = namedAt(checked[at] ?? -1);
      for (const { path } of errors) unknown.add(theirs[Number(path.split('.')[1])] ?? '');
    }
    if (unknown.size > 0) {
      return unknownOrders(
        [...body.openOrders.keys()].filter((at) => unknown.has(body.openOrders[at] ?? '')),
      );
    }
    if (answers.some(({ status }) => status === 409))
      return this.#openOrders(checked, request, headers, body.email);
    const refusal = answers.find(isRefusalOfAll);
    if (refusal) return refusal;
    if (body.dryRun) return answers.find(({ status }) => status >= 500) ?? this.#counted(answers);
    // Likely shards come first, also on a retry: the customer may have ordered there since.
    const shardIds = [...new Set([...checked, ...(left.length > 0 ? left : every)])];
    const reached = shardIds.slice(0, checked.length + DELETION_OBJECTS_MAX);
    return this.#eraseAt(shardIds, await this.#ask(reached, requestFor(false)), (rest) =>
      rest.length > 0 || left.length > 0 ? index.keepLeft(customer, rest, now) : Promise.resolve(),
    );
  }

  /**
   * Processes the answers of the first of `shardIds`, stores the shards left undone, and reports
   * them.
   */
  async #eraseAt(
    shardIds: readonly number[],
    answers: readonly Response[],
    keepLeft: (shardIds: readonly number[]) => Promise<void>,
  ): Promise<Response> {
    // A shard without a drop, or without one yet, has nothing to delete.
    const left = shardIds.filter((_, at) => !(answers[at]?.ok || answers[at]?.status === 404));
    await keepLeft(left);
    const open: FieldError[] = [];
    for (const answer of answers) {
      if (answer.status === 409) open.push(...(await answer.json<{ errors: FieldError[] }>()).errors);
    }
    if (open.length > 0) {
      const detail =
        'These orders became open in the meantime. Their data is not deleted; the data of the others is. Fulfil or refund them first, or name all of them in openOrders.';
      return openOrders(open, detail);
    }
    const done = answers.filter(({ ok }) => ok);
    if (left.length === 0) return this.#counted(done);
    const { orders } = await (await this.#counted(done)).json<{ orders: number }>();
    return problem('deletion_incomplete', {
      detail: `Deleted the data of ${orders} orders. Remaining objects: ${left.length}. Send the same request again.`,
      headers: { 'retry-after': '1' },
    });
  }

  /** Adds up the orders that shards have counted. */
  async #counted(answers: readonly Response[]): Promise<Response> {
    let orders = 0;
    for (const answer of answers) if (answer.ok) orders += (await answer.json<{ orders: number }>()).orders;
    return json({ orders });
  }

  /**
   * Returns the refusal with the open orders of every shard, including the named ones, as on a
   * machine.
   */
  async #openOrders(
    shardIds: readonly number[],
    request: Request,
    headers: Headers,
    email: string,
  ): Promise<Response> {
    const body = JSON.stringify({ email, openOrders: [], dryRun: true });
    const answers = await this.#ask(shardIds, () => new Request(request, { headers, body }));
    const open: FieldError[] = [];
    for (const answer of answers) {
      if (answer.status === 409) open.push(...(await answer.json<{ errors: FieldError[] }>()).errors);
      else if (isRefusalOfAll(answer)) return answer;
    }
    return openOrders(open);
  }

  /** Returns the answers of these shards, in their order. */
  #ask(shardIds: readonly number[], requestFor: (shardId: number) => Request): Promise<Response[]> {
    return inParallel(shardIds, OBJECTS_AT_A_TIME, (shardId) =>
      this.#objects.forward(shardId, requestFor(shardId)),
    );
  }
}
