/** The deployed Worker, with faults that a test switches on by a request to /faults. */

import type { Drop } from '../../../src/domain/drop.ts';
import { shardOf } from '../../../src/domain/shard.ts';
import { Catalogue } from '../../../src/edge/catalogue.ts';
import type { QueueMessage } from '../../../src/edge/mail/queued.ts';
import { importPath } from '../../../src/edge/object/drop-object.ts';
import worker, { DropObject as RealDropObject } from '../../../src/edge/worker.ts';
import { CATALOGUE_WAIT_MS } from '../../../src/limits.ts';
import { straightHeader } from '../fault-switches.ts';
import { type Looks, lookFromIsolates } from './isolates.ts';
import { consumeKept, withKeptMessages } from './kept-queue.ts';
import { type TestEnv, withShardIds } from './object-ways.ts';
import { faults, seen } from './switched-on.ts';

export { DropRelay } from './faulty-relay.ts';
export { ScratchObject } from './scratch-object.ts';

/** Transfers that have arrived, without a confirmation to the giver. */
const thankless = new Set<string>();

const HOUR_MS = 3_600_000;

/** Stalls until the test kills workerd, if it has requested this step. */
async function stall(step: string): Promise<void> {
  if (faults.stallAt !== step) return;
  seen.stalledAt = step;
  await scheduler.wait(HOUR_MS);
}

const POLL_MS = 20;
/** Less than the 30 s after which the platform resets an object that blocks its requests. */
const SILENCE_MS = 20_000;
const setTimer = globalThis.setTimeout;
// An object that waits for a silent catalogue must still wait when a slow machine checks it.
globalThis.setTimeout = ((task: () => void, ms?: number) =>
  setTimer(task, faults.catalogueIsSilent && ms === CATALOGUE_WAIT_MS ? SILENCE_MS : ms)) as typeof setTimer;

const monotonicMs = performance.now.bind(performance);
let shownMs = monotonicMs();
performance.now = () => {
  if (!faults.clockStands) shownMs = monotonicMs();
  return shownMs;
};

async function refuseWhereDown(): Promise<void> {
  if (faults.catalogueIsSilent) seen.silencedBatches += 1;
  while (faults.catalogueIsSilent && faults.batchesReceived === 0) await scheduler.wait(POLL_MS);
  if (faults.catalogueIsSilent) faults.batchesReceived -= 1;
  if (!faults.catalogueIsDown) return;
  seen.catalogueRefusals += 1;
  throw new Error('D1_ERROR: the database is away');
}

/** D1 with batches that can be delayed or refused, and with counted statements. */
function withFaults(
  database: D1Database,
  beforeBatch: () => Promise<void>,
  onStatement: () => void = () => undefined,
): D1Database {
  return new Proxy(database, {
    get(target, name) {
      if (name !== 'withSession') return Reflect.get(target, name);
      return (constraint: string) => {
        const session = target.withSession(constraint);
        return new Proxy(session, {
          get(inner, method) {
            if (method === 'prepare') onStatement();
            const value: unknown = Reflect.get(inner, method);
            if (typeof value !== 'function') return value;
            if (method !== 'batch') return value.bind(inner);
            return async (statements: D1PreparedStatement[]) => {
              await beforeBatch();
              return inner.batch(statements);
            };
          },
        });
      };
    },
  });
}

export class DropObject extends RealDropObject {
  /** Imports in progress. */
  #imports = 0;

  constructor(state: DurableObjectState, env: TestEnv) {
    const { CATALOGUE, MAIL_QUEUE, KEPT_QUEUE } = env;
    super(state, {
      ...withShardIds(env),
      CATALOGUE: withFaults(CATALOGUE, refuseWhereDown),
      MAIL_QUEUE: KEPT_QUEUE ? withKeptMessages(MAIL_QUEUE, CATALOGUE) : MAIL_QUEUE,
    });
    seen.wokenShardIds.push(this.ctx.id.name ?? '');
  }

  override published(
    ...asked: Parameters<RealDropObject['published']>
  ): ReturnType<RealDropObject['published']> {
    seen.shardReads += 1;
    return super.published(...asked);
  }

  override async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/end') this.ctx.abort('ended by a test');
    seen.objectRequests += 1;
    if (faults.awayShardIds.includes(this.ctx.id.name ?? '')) throw new Error('The object is away.');
    if (faults.sql !== '') this.ctx.storage.sql.exec(faults.sql);
    faults.sql = '';
    const { abortEvery, cut } = faults;
    const isMeant = cut.times > 0 && new URL(request.url).pathname.endsWith(cut.path);
    const isCut = isMeant && !cut.skip;
    if (isMeant && cut.skip) cut.skip -= 1;
    if (isCut) cut.times -= 1;
    if (isCut && !cut.after) this.ctx.abort('thrown away before the work');
    const turn = abortEvery === 0 ? -1 : seen.objectRequests % (2 * abortEvery);
    if (turn === 0) this.ctx.abort('thrown away before the work');
    const isImport = new URL(request.url).pathname === importPath;
    if (isImport) this.#imports += 1;
    const response = await super.fetch(request);
    if (isImport) this.#imports -= 1;
    else if (response.ok) seen.answeredDuringImport += this.#imports;
    if (turn === abortEvery) this.ctx.abort('thrown away before the answer');
    if (isCut) {
      await this.ctx.storage.sync();
      this.ctx.abort('thrown away before the answer');
    }
    return response;
  }

  override async create(
    ...asked: Parameters<RealDropObject['create']>
  ): ReturnType<RealDropObject['create']> {
    const shard = shardOf(asked[0]);
    const { unmade } = faults;
    const isUnmade = unmade.times > 0 && unmade.shard === shard;
    if (isUnmade) unmade.times -= 1;
    if (isUnmade && !unmade.after) this.ctx.abort('thrown away before it makes its shard');
    await stall(`before shard ${shard}`);
    const created = await super.create(...asked);
    await this.ctx.storage.sync();
    if (isUnmade) this.ctx.abort('thrown away after it has made its shard');
    await stall(`after shard ${shard}`);
    return created;
  }

  override give(...asked: Parameters<RealDropObject['give']>): ReturnType<RealDropObject['give']> {
    const given = super.give(...asked);
    if (given && faults.lostGifts > 0) {
      faults.lostGifts -= 1;
      // Only stored state survives: without the sync the abort would revert the transfer too.
      void this.ctx.storage.sync().then(() => this.ctx.abort('thrown away after a gift'));
      throw new Error('The gift is lost.');
    }
    return given;
  }

  override take(transfer: Parameters<RealDropObject['take']>[0]): void {
    super.take(transfer);
    if (thankless.delete(transfer.id)) seen.offeredInVain += 1;
  }

  override settle(id: string): void {
    if (faults.lostThanks > 0) {
      faults.lostThanks -= 1;
      thankless.add(id);
      throw new Error('The thanks are lost.');
    }
    super.settle(id);
  }

  override alarm(): Promise<void> {
    seen.alarms += 1;
    if (faults.alarmsFail) throw new Error('The alarm fails.');
    return super.alarm();
  }
}

/** Objects of the EU: the same class, in a namespace of its own. */
export class EuDropObject extends DropObject {}

export default {
  queue: (batch, env) =>
    env.KEPT_QUEUE
      ? consumeKept(batch, env.CATALOGUE, (kept) => worker.queue(kept, env))
      : worker.queue(batch, env),
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === '/faults') {
      Object.assign(faults, await request.json());
      return Response.json(seen);
    }
    if (pathname === '/isolates') {
      const before = { ...seen };
      const tookMs = await lookFromIsolates(env, await request.json<Looks>());
      const relayReads = seen.relayReads - before.relayReads;
      return Response.json({ tookMs, relayReads, shardReads: seen.shardReads - before.shardReads });
    }
    if (pathname === '/tell') {
      const { shardId, drop, seq } = await request.json<{ shardId: number; drop: Drop; seq: number }>();
      await new Catalogue(env.CATALOGUE).report(shardId, drop, seq);
      return Response.json({ drops: await new Catalogue(env.CATALOGUE).list() });
    }
    if (pathname === '/catalogue') {
      const { sql, values } = await request.json<{ sql: string; values: unknown[] }>();
      return Response.json(
        (
          await env.CATALOGUE.prepare(sql)
            .bind(...values)
            .run()
        ).results,
      );
    }
    if (pathname === '/queue') {
      for (const message of await request.json<QueueMessage[]>()) await env.MAIL_QUEUE.send(message);
      return new Response();
    }
    if (pathname === '/lose') {
      const slug = await request.text();
      const lost = 'in (select id from drops where slug = ?)';
      for (const rows of [
        `items where drop_id ${lost}`,
        `subscribers where substr(name, 6) ${lost}`,
        `drops where id ${lost}`,
      ])
        await env.CATALOGUE.prepare(`delete from ${rows}`).bind(slug).run();
      return new Response();
    }
    const shardId = request.headers.get(straightHeader);
    if (shardId !== null) return env.DROPS.getByName(shardId).fetch(request);
    if (pathname.startsWith('/scratch/')) return env.SCRATCH.getByName(pathname).fetch(request);
    const catalogue = withFaults(
      env.CATALOGUE,
      () => stall('before the reservation'),
      () => {
        seen.catalogueStatements += 1;
      },
    );
    return worker.fetch(request, { ...withShardIds(env), CATALOGUE: catalogue }, context);
  },
} satisfies ExportedHandler<TestEnv>;
