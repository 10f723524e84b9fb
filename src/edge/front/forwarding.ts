/** Where a request to the Worker in front goes: to an object, or to its own application. */
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Config } from '../../config/config.ts';
import type { Drop } from '../../domain/drop.ts';
import { isSafeMethod } from '../../http/admin-auth.ts';
import { createIds } from '../../ids/ids.ts';
import type { Log } from '../../log.ts';
import { Catalogue } from '../catalogue.ts';
import { edgeClock as clock } from '../clock.ts';
import { bookmarkHeader } from '../object/drop-object.ts';
import { Objects } from '../objects.ts';
import { PublishedDrops } from '../relay/published-drops.ts';
import { newRelayNumber, readContextOf } from '../relay/relays.ts';
import { createFrontApp } from './app.ts';
import { DropList } from './drop-list.ts';
import { createFindShardId } from './find-shard.ts';
import { KnownDrops } from './known-drops.ts';
import { createFrontLimits } from './limits.ts';
import { bookmarkCookie } from './operator-page.ts';
import type { FrontContext } from './operator-routes.ts';

export const waitUntilOf = (c: Context) => c.executionCtx.waitUntil.bind(c.executionCtx);

export type Forwarding = Awaited<ReturnType<typeof createForwarding>>;

/** The state that a Worker keeps of drops, and the ways to an answer. */
export async function createForwarding(env: Env, config: Config, log: Log) {
  const ids = createIds(config.secretKey);
  const objects = new Objects(env.DROPS, log, clock, Math.random);
  const relays = new Objects(env.RELAYS, log, clock, Math.random);
  const relayNumber = newRelayNumber();
  const readSlug = (slug: string) => new Catalogue(env.CATALOGUE).dropIdOfSlug(slug);
  const known = new KnownDrops(readSlug, new PublishedDrops(relays, clock), ids, clock);
  const list = new DropList(clock, (drops) => known.learn(drops));
  let mark: string | null = null;
  // Cache the value only: a request can't await a promise of another request.
  const readMark = async (): Promise<string> =>
    (mark ??= await new Catalogue(env.CATALOGUE).deploymentMark());
  const limits = config.isRateLimitOn ? createFrontLimits(env, clock) : null;
  const frontApp = await createFrontApp(config, objects, log, readMark, limits, (slug) => {
    list.invalidate();
    known.invalidateSlug(slug);
  });

  /** Returns an operator's bookmark. Other clients' bookmarks are ignored: each costs a read. */
  const bookmarkOf = (c: FrontContext): string | null => {
    const bookmark = c.req.header(bookmarkHeader) ?? getCookie(c, bookmarkCookie) ?? null;
    return bookmark !== null && frontApp.isOperator(c) ? bookmark : null;
  };
  const catalogueFor = (c: FrontContext): Catalogue => new Catalogue(env.CATALOGUE, bookmarkOf(c));
  const answerHere = (c: FrontContext, request: Request, drops: readonly Drop[] = []): Promise<Response> =>
    frontApp.answer(request, drops, catalogueFor(c), undefined, waitUntilOf(c));
  const find = (c: FrontContext, shardId: number) => known.find(shardId, readContextOf(c, relayNumber));
  const shardIdOfNew = (c: FrontContext, idOrSlug: string): Promise<number | null> =>
    known.shardIdOf(idOrSlug, waitUntilOf(c));
  const readList = (c: FrontContext) => list.shared(catalogueFor(c), waitUntilOf(c));
  const findShardId = createFindShardId({ known, limits, readList, waitUntilOf });

  /** Forwards a request to a shard, and drops this Worker's cached state of it. */
  const forwardTo = async (shardId: number, request: Request): Promise<Response> => {
    const response = await objects.forward(shardId, request);
    // A refusal changed nothing, so the cache stays: refused clients can't force reads.
    if (!isSafeMethod(request) && (response.ok || response.status >= 500)) known.invalidate(shardId);
    return response;
  };
  /** Forwards to the shard. Without a shard, the application in the Worker answers. */
  const forward = (c: FrontContext, shardId: number | null): Promise<Response> =>
    shardId === null ? answerHere(c, c.req.raw) : forwardTo(shardId, c.req.raw);
  /** Forwards by the id of an order or a refund. */
  const forwardById = (c: FrontContext) => forward(c, ids.shardIdOf(c.req.param('id') ?? ''));
  /** Returns the drop that the path names; null where there is none. A Response is a refusal. */
  const findDrop = async (c: FrontContext) => {
    const shardId = await findShardId(c, c.req.param('id') ?? '');
    return shardId === null || shardId instanceof Response ? shardId : find(c, shardId);
  };
  /** The shards of a drop; null where there is none. */
  const shardIdsOfDrop = async (c: FrontContext, idOrSlug: string): Promise<readonly number[] | null> => {
    const shardId = await shardIdOfNew(c, idOrSlug);
    return shardId === null ? null : ((await find(c, shardId))?.shardIds ?? [shardId]);
  };
  return {
    ids,
    objects,
    relays,
    relayNumber,
    known,
    list,
    frontApp,
    bookmarkOf,
    catalogueFor,
    readList,
    find,
    findDrop,
    findShardId,
    shardIdOfNew,
    shardIdsOfDrop,
    answerHere,
    forward,
    forwardById,
    forwardTo,
  };
}
