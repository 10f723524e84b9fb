/** The Durable Object of a drop or shard: its single writer, and the application over its rows. */
import { DurableObject } from 'cloudflare:workers';
import { drizzle } from 'drizzle-orm/durable-sqlite';
import { migrate } from 'drizzle-orm/durable-sqlite/migrator';
import { dropPresentation } from '../../answers/representation.ts';
import type { Draft, FoundOrders } from '../../background/event-mails.ts';
import { createReconciliation } from '../../background/reconciliation.ts';
import type { Delivery } from '../../background/subscriber.ts';
import { logFailedCommands } from '../../commands/failed-commands.ts';
import { keysOfShard } from '../../commands/new-keys.ts';
import { MoveRefusedError } from '../../database/move/export-drop.ts';
import { orderReads } from '../../database/order-reads.ts';
import type { CreateDrop } from '../../domain/command.ts';
import { shardOf } from '../../domain/shard.ts';
import { problem } from '../../http/problem.ts';
import { createIds, type Ids } from '../../ids/ids.ts';
import { CATALOGUE_WAIT_MS } from '../../limits.ts';
import { createProviders } from '../../payments/create-providers.ts';
import { warnOfUnpayableDrops } from '../../payments/unpayable-drops.ts';
import { edgeClock } from '../clock.ts';
import { edgeConfig } from '../config.ts';
import type { KeyPosition } from '../key-filter.ts';
import { createEdgeLog } from '../log.ts';
import type { QueuedLinks } from '../mail/queued.ts';
import { objectAt } from '../object-address.ts';
import { ObjectAlarm } from './alarm.ts';
import { createObjectApp } from './app.ts';
import { Creation } from './creation.ts';
import { earliest, type ObjectDatabase, openObjectDatabase } from './database.ts';
import type { Created } from './drop-maker.ts';
import { keptRelays } from './kept-relays.ts';
import { keepShard, keptShard } from './kept-shard.ts';
import { createObjectMail, type ObjectMail } from './mail.ts';
import { objectMark } from './mark.ts';
import { migrations } from './migrations.ts';
import { exportRoutes, importIntoObject } from './move-routes.ts';
import { ShardReports } from './shard-reports.ts';
import { Shards, type Transfer } from './stock-transfer.ts';
import { ObjectWork } from './work.ts';

/** An object's parts, once it knows its shard id. */
interface Shop {
  db: ObjectDatabase;
  alarm: ObjectAlarm;
  work: ObjectWork;
  reports: ShardReports;
  shards: Shards;
  creation: Creation;
  mail: ObjectMail | null;
  ids: Ids;
  app: ReturnType<typeof createObjectApp>;
}

/** Path internal to the Worker in front, which forwards no client's request to it. */
export const importPath = '/import';
/** Header with a D1 bookmark, by which a client sees its own change in the catalogue. */
export const bookmarkHeader = 'x-d1-bookmark';

export class DropObject extends DurableObject<Env> {
  #shop: Shop | null = null;
  /** Origin of the last request, to which buyers are sent back without PUBLIC_URL. */
  #origin = '';
  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    void state.blockConcurrencyWhile(async () => {
      const kept = keptShard(state.storage.kv);
      if (kept) this.#shop = await this.#open(kept.shardId, kept.shards);
    });
  }

  /** Gives a new object its shard id and number of shards; an existing one keeps its own. */
  async open(shardId: number, shards = 1): Promise<void> {
    if (this.#shop) return;
    await this.ctx.blockConcurrencyWhile(async () => {
      if (this.#shop) return;
      const shop = await this.#open(shardId, shards);
      keepShard(this.ctx.storage.kv, { shardId, shards });
      this.#shop = shop;
    });
  }

  /** Transfers free units to another shard; null where there are none. */
  give(id: string, to: number, sku: string, wanted: number): Transfer | null {
    return this.#shop?.shards.give(id, to, sku, wanted) ?? null;
  }

  async composeMail(seq: number): Promise<Draft | Delivery> {
    return this.#shop?.mail?.composeMail(seq) ?? 'done';
  }
  ordersOf(customer: string): FoundOrders | null {
    return this.#shop?.mail?.ordersOf(customer) ?? null;
  }
  async requestLinks(recipient: string): Promise<void> {
    await this.#shop?.mail?.requestLinks(recipient);
  }
  linkRecipient(links: QueuedLinks['links']): string | null {
    return this.#shop?.mail?.linkRecipient(links) ?? null;
  }
  async endLinks(links: QueuedLinks['links']): Promise<void> {
    await this.#shop?.mail?.endLinks(links);
  }

  /** Adds units that another shard transferred; idempotent. */
  take(transfer: Transfer): void {
    if (!this.#shop) throw new Error('A shard without an open drop accepts no units.');
    this.#shop.shards.take(transfer);
  }

  /** Ends a transfer that has arrived. */
  settle(id: string): void {
    this.#shop?.shards.settle(id);
  }

  /** Imports a drop from another deployment; a refusal says why. */
  async #import(shardId: number, text: string): Promise<Response> {
    const taken = await this.ctx.blockConcurrencyWhile(() => this.#importRows(shardId, text));
    if (taken instanceof Response) return taken;
    const bookmark = await this.#report(taken);
    const [drop] = taken.db.snapshot.drops();
    const headers: HeadersInit = bookmark === null ? {} : { [bookmarkHeader]: bookmark };
    return Response.json({ id: drop && taken.ids.drop(drop.id), slug: drop?.slug }, { status: 201, headers });
  }

  async #importRows(shardId: number, text: string): Promise<Shop | Response> {
    if (this.#shop) return problem('not_movable', { detail: 'This drop already exists here.' });
    await migrate(drizzle(this.ctx.storage), migrations);
    const { seal } = createIds(edgeConfig(this.env).secretKey);
    try {
      importIntoObject(this.ctx.storage, shardId, text, (signed) => seal('drop file', signed));
    } catch (error) {
      if (!(error instanceof MoveRefusedError)) throw error;
      return problem('invalid', { detail: error.message });
    }
    keepShard(this.ctx.storage.kv, { shardId, shards: 1 });
    this.#shop = await this.#open(shardId, 1);
    return this.#shop;
  }

  /** Creates this object's drop; `slug_taken` if another request created one here. */
  async create(shardId: number, command: CreateDrop, request: string): Promise<Created> {
    await this.open(shardId, command.shards);
    const shop = this.#shop;
    if (!shop) return { outcome: { kind: 'slug_taken' }, bookmark: null, isListed: false };
    const outcome = await shop.creation.make(command, request);
    // A creation needs the shard listed. The first one completes the drop and may be listed later.
    const bookmark = await (shardOf(shardId) > 0 ? shop.work.reportToCatalogue() : this.#report(shop));
    return { outcome, bookmark, isListed: shop.work.eventsBehind === 0 };
  }

  /** Whether `request` created the drop of this object. */
  isMadeBy(request: string | undefined): boolean {
    return this.#shop?.creation.isMadeBy(request) ?? false;
  }

  /** Returns what Workers serve and refuse by; null without a drop. `relay` gets each change. */
  published(relay: string | null, keys: KeyPosition | null) {
    const published = this.#shop?.db.published(keys) ?? null;
    if (published && relay !== null) this.#shop?.reports.add(relay);
    return published;
  }

  /** Returns an order for the pages that a Worker renders. */
  order(orderId: number) {
    return (this.#shop && orderReads(this.#shop.db).order(orderId)) ?? null;
  }

  override async fetch(request: Request): Promise<Response> {
    const { origin, pathname, searchParams } = new URL(request.url);
    // Only the Worker in front calls this, after it has authenticated the operator.
    if (pathname === importPath) return this.#import(Number(searchParams.get('id')), await request.text());
    const shop = this.#shop;
    if (!shop) return problem('not_found');
    this.#origin = origin;
    if (!pathname.startsWith('/admin/') && !(await shop.creation.isComplete())) return problem('not_found');
    if (shop.alarm.isLost(edgeClock.now())) shop.db.ringByNextWork();
    const response = await shop.app.fetch(request);
    if (!pathname.startsWith('/admin/') || request.method === 'GET' || !response.ok) return response;
    const bookmark = await this.#report(shop);
    if (bookmark !== null) response.headers.set(bookmarkHeader, bookmark);
    return response;
  }

  override async alarm(): Promise<void> {
    const shop = this.#shop;
    if (!shop) return;
    shop.alarm.hasFired();
    await Promise.all([shop.work.run(), shop.shards.offerAgain()]);
    shop.db.ringByNextWork();
  }

  /** Reports to the catalogue, so that operators see their change; waits CATALOGUE_WAIT_MS. */
  #report(shop: Shop): Promise<string | null> {
    const isLate = new Promise<null>((resolve) => edgeClock.after(CATALOGUE_WAIT_MS, () => resolve(null)));
    return Promise.race([shop.work.reportToCatalogue(), isLate]);
  }

  async #open(shardId: number, count: number): Promise<Shop> {
    const { storage } = this.ctx;
    await migrate(drizzle(storage), migrations);
    const config = edgeConfig(this.env);
    const log = createEdgeLog(config.logLevel);
    const ids: Ids = createIds(config.secretKey, shardId, (kind, of) => db.generationOf(kind, of));
    const publicUrl = (): string => config.publicUrl ?? this.#origin;
    const mark = () => objectMark(storage, this.env.CATALOGUE);
    const sign = (text: string): string => ids.seal('drop file', text);
    const { sandbox, providers } = await createProviders(config, publicUrl, mark);
    const alarm = new ObjectAlarm(storage, await storage.getAlarm());
    let [work, shards]: [ObjectWork | null, Shards | null] = [null, null];
    const db = openObjectDatabase({
      storage,
      alarm,
      clock: edgeClock,
      presentation: dropPresentation(ids),
      shownIds: (dropId) => ({ id: (orderId) => ids.order({ dropId, orderId }), number: ids.orderNumber }),
      shards: count,
      keys: keysOfShard(shardOf(shardId), count),
      nextWorkAt: (now, headSeq) => earliest(work?.nextAt(now, headSeq), shards?.nextAt(now)),
      catalogueEventsBehind: () => work?.eventsBehind ?? 0,
      onFailedCommand: logFailedCommands(log),
      onFault: (error) => {
        log.error({ shardId, error: String(error) }, 'the storage failed: the object restarts');
        this.ctx.abort('The storage failed.');
      },
    });
    warnOfUnpayableDrops(db.snapshot.drops(), providers, edgeClock.now(), log);
    const reports = new ShardReports({
      relays: keptRelays(storage),
      shardId,
      shards: count,
      state: db.shardState,
      send: async (relay, from, state) => objectAt(this.env.RELAYS, relay).report(from, state),
      clock: edgeClock,
      log,
    });
    db.snapshot.onChange(() => reports.note());
    const neighbour = (other: number) => objectAt(this.env.DROPS, other);
    shards = new Shards({ storage, db, shardId, count, neighbour, clock: edgeClock, log });
    const creation = new Creation({ storage, db, shardId, neighbour });
    const shared = shards;
    const withShards: ObjectDatabase = { ...db, submit: (command) => shared.submit(command) };
    const background = { db: withShards, ids, providers, clock: edgeClock, log, random: Math.random };
    const reconcile = createReconciliation(background);
    const { CATALOGUE: catalogue, MAIL_QUEUE: queue } = this.env;
    const ofShardId = { ...background, shardId, config, reconcile };
    const mail = createObjectMail({ ...ofShardId, publicUrl, queue, storage, shards: count });
    work = new ObjectWork({ ...ofShardId, storage, catalogue, mail: mail?.subscriber ?? null });
    await work.begin();
    // The object may have ended before it reported its last changes.
    if (work.eventsBehind > 0) reports.note();
    db.ringByNextWork();
    const app = createObjectApp(
      { ...background, config, sandbox, publicUrl, reconcile, shards: count },
      exportRoutes(storage, db, shardId, count, edgeClock.now, mark, sign),
    );
    return { db, alarm, work, reports, shards, creation, mail, ids, app };
  }
}
