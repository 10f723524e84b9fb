/**
 * Operator routes in the Worker in front: which object answers, and those that concern every drop.
 */
import type { Context, Hono } from 'hono';
import * as v from 'valibot';
import { UNCLAIMED } from '../../domain/shard.ts';
import { readText } from '../../http/json.ts';
import { orderListQuery } from '../../http/list-orders.ts';
import { allOperatorOperations } from '../../http/operator-operations.ts';
import type { Ids } from '../../ids/ids.ts';
import type { Catalogue } from '../catalogue.ts';
import { edgeClock as clock } from '../clock.ts';
import { CustomerIndex } from '../customer-shards.ts';
import { CUSTOMERS_LATE_MS } from '../limits.ts';
import type { DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';
import type { AcrossDrops, DropOperation } from './across-drops.ts';
import { CustomerDeletion } from './customer-deletion.ts';

export type FrontContext = Context<{ Bindings: Env }>;
type Answer = (c: FrontContext) => Promise<Response>;

/** Operations that the Worker in front answers, from many objects if needed. */
type FrontOperation = Exclude<
  (typeof allOperatorOperations)[number],
  { object: unknown } | { isOnlyOnMachines: true }
>;

/**
 * Routes each operator request by its operation. Requests with another method for an object's path
 * go to the object too: its application knows the methods of every path.
 */
export function routeOperators(
  app: Hono<{ Bindings: Env }>,
  inFront: Record<FrontOperation['id'], Answer>,
  askDrop: (c: FrontContext, operation: DropOperation | null) => Promise<Response>,
  askEntry: Answer,
): void {
  for (const operation of allOperatorOperations) {
    const [method, path] = [operation.method.toUpperCase(), operation.path];
    if (!('object' in operation)) {
      if (!('isOnlyOnMachines' in operation)) app.on(method, path, inFront[operation.id]);
    } else if (operation.object === 'of the entry') app.all(path, askEntry);
    else app.on(method, path, (c) => askDrop(c, operation));
  }
  for (const operation of allOperatorOperations) {
    if ('object' in operation && operation.object !== 'of the entry')
      app.all(operation.path, (c) => askDrop(c, null));
  }
}

interface OperatorDeps {
  catalogue: D1Database;
  objects: Objects<DropObject>;
  ids: Ids;
  across: AcrossDrops;
  catalogueFor(c: FrontContext): Catalogue;
  /** The shards of a drop; null where there is none. */
  shardIdsOfDrop(c: FrontContext, idOrSlug: string): Promise<readonly number[] | null>;
  /** Answers in the Worker's own application, which has no orders. */
  answerHere(c: FrontContext, request: Request): Promise<Response>;
}

export function createOperatorRoutes(deps: OperatorDeps) {
  const { objects, ids, across, catalogueFor, answerHere } = deps;
  const deletion = new CustomerDeletion(objects, ids);
  const index = (): CustomerIndex => new CustomerIndex(deps.catalogue);
  const shardIdsOf = (c: FrontContext): Promise<number[]> => catalogueFor(c).shardIds();
  /** The shards that may have orders of the customer whom the query names; else all shards. */
  const shardIdsOfOrders = async (c: FrontContext): Promise<number[]> => {
    const query = v.safeParse(orderListQuery, c.req.query());
    const { email, cursor } = query.success ? query.output : {};
    if (email === undefined) return shardIdsOf(c);
    const at = cursor === undefined ? null : ids.shardIdOf(cursor);
    return index().likelyShardIds(ids.customer(email), clock.now() - CUSTOMERS_LATE_MS, at);
  };
  /** All shards, and the object for payments without an order. */
  const shardIdsOfMoney = async (c: FrontContext): Promise<number[]> => {
    await objects.call(UNCLAIMED, (stub) => stub.open(UNCLAIMED), true);
    return [...(await shardIdsOf(c)), UNCLAIMED];
  };
  return {
    async listOrders(c: FrontContext): Promise<Response> {
      const dropId = c.req.query('dropId');
      const shardIds =
        dropId === undefined ? await shardIdsOfOrders(c) : await deps.shardIdsOfDrop(c, dropId);
      const listed = shardIds && (await across.list(c.req.raw, shardIds, 'orders'));
      return listed ?? answerHere(c, c.req.raw);
    },
    async listRefunds(c: FrontContext): Promise<Response> {
      return (await across.list(c.req.raw, await shardIdsOfMoney(c), 'refunds')) ?? answerHere(c, c.req.raw);
    },
    async reconcile(c: FrontContext): Promise<Response> {
      // The route takes no body. A body is ignored, as on a machine.
      const request = new Request(c.req.raw, { body: '' });
      return (await across.sum(await shardIdsOfMoney(c), () => request.clone())) ?? answerHere(c, request);
    },
    async eraseCustomer(c: FrontContext): Promise<Response> {
      const text = await readText(c.req.raw);
      if (text instanceof Response) return text;
      const request = new Request(c.req.raw, { body: text });
      return (await deletion.erase(request, text, index(), clock.now())) ?? answerHere(c, request);
    },
  };
}
