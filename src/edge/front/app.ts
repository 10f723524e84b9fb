/**
 * The application in the Worker in front: answers requests that need no object, from published
 * drops.
 */
import type { Context } from 'hono';
import { dropPresentation } from '../../answers/representation.ts';
import { createApp } from '../../app.ts';
import { configuredSubscribers } from '../../background/configured-subscribers.ts';
import type { Config } from '../../config/config.ts';
import type { OrderWithMoney } from '../../database/order-reads.ts';
import type { CreateDrop } from '../../domain/command.ts';
import type { Drop } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { locationHints } from '../../domain/shard.ts';
import { authenticateBy } from '../../http/admin-auth.ts';
import { importRoutes } from '../../http/admin-import.ts';
import type { Send } from '../../http/dashboard/api.ts';
import type { RateLimits } from '../../http/rate-limits.ts';
import { createIds } from '../../ids/ids.ts';
import type { Log } from '../../log.ts';
import { createProviders, type Providers } from '../../payments/create-providers.ts';
import { appSettings } from '../app-settings.ts';
import type { Catalogue } from '../catalogue.ts';
import { edgeClock as clock } from '../clock.ts';
import { makeDrop, sendToObject } from '../object/drop-maker.ts';
import { bookmarkHeader, type DropObject } from '../object/drop-object.ts';
import type { Objects } from '../objects.ts';
import type { WaitUntil } from '../shared-reads.ts';
import { createFrontDatabase } from './database.ts';
import { requestLinksAt } from './link-requests.ts';

export interface FrontApp {
  /** The payment providers by name, to parse their webhooks before an object is called. */
  providers: Providers['providers'];
  /**
   * Answers from the given drops. New drops are created through `catalogue`, whose bookmark is sent
   * with the answer.
   */
  answer(
    request: Request,
    drops: readonly Drop[],
    catalogue: Catalogue,
    pages?: PageSources,
    waitUntil?: WaitUntil,
  ): Promise<Response>;
  /** Whether an operator sent the request, by token or session. */
  isOperator(c: Context): boolean;
}

/** What pages rendered in the Worker get from objects. */
export interface PageSources {
  /** Answers a page's API requests. */
  sendToApi: Send;
  /** Returns an order that was read beforehand: the application's reads are synchronous. */
  orderHere?: (orderId: number) => OrderWithMoney | undefined;
}

export async function createFrontApp(
  config: Config,
  objects: Objects<DropObject>,
  log: Log,
  mark: () => Promise<string>,
  rateLimits: RateLimits | null,
  onNewDrop: (slug: string) => void,
): Promise<FrontApp> {
  const ids = createIds(config.secretKey);
  const presentation = dropPresentation(ids);
  const settings = appSettings(config);
  const subscribers = configuredSubscribers(config);
  const locations = { jurisdictions: objects.jurisdictions(), hints: locationHints };
  // The Worker in front opens no checkouts, so the address is never used.
  const made = await createProviders(config, () => config.publicUrl ?? '', mark);
  const noDatabase = createFrontDatabase([], presentation, async () => ({ kind: 'outcome_unknown' }));
  const authenticate = authenticateBy({ ...settings, db: noDatabase, ids, clock });
  return {
    providers: made.providers,
    isOperator(c) {
      const bySession = authenticate.bySession(c);
      return bySession === null ? authenticate.byToken(c) !== null : !(bySession instanceof Response);
    },
    async answer(request, drops, catalogue, pages, waitUntil = () => undefined) {
      let bookmark: string | null = null;
      const { origin } = new URL(request.url);
      const publicUrl = (): string => config.publicUrl ?? origin;
      const create = async (command: CreateDrop): Promise<Outcome<CreateDrop>> => {
        const created = await makeDrop(command, catalogue, objects);
        bookmark = created.bookmark;
        onNewDrop(command.drop.slug);
        return created.outcome;
      };
      const requestLinks = (recipient: string): Promise<void> => {
        const request = requestLinksAt(objects, recipient);
        waitUntil(request);
        return request;
      };
      const db = createFrontDatabase(drops, presentation, create, requestLinks, pages?.orderHere);
      const importFile = importRoutes(
        async (header, text) => {
          const imported = await sendToObject(header, text, catalogue, objects);
          bookmark = imported.headers.get(bookmarkHeader);
          onNewDrop(header.slug);
          return imported;
        },
        (text) => ids.seal('drop file', text),
      );
      // One application per request, because its drops belong to that request.
      const app = createApp(
        {
          ...settings,
          db,
          ids,
          clock: {
            ...clock,
            // After the answer, the platform cancels all work that is not in `waitUntil`.
            soon: (task) => waitUntil(new Promise<void>((resolve) => clock.after(0, resolve)).then(task)),
          },
          log,
          ...made,
          rateLimits,
          reconcile: async () => ({ checkouts: 0, payments: 0, movements: 0, failed: 0 }),
          locations,
          countsAllUnits: true,
          publicUrl,
          subscribers,
        },
        importFile,
        pages?.sendToApi,
      );
      const response = await app.fetch(request);
      const seen = bookmark ?? catalogue.bookmark();
      if (seen === null) return response;
      // An object's response is immutable, so copy it.
      const marked = new Response(response.body, response);
      marked.headers.set(bookmarkHeader, seen);
      return marked;
    },
  };
}
