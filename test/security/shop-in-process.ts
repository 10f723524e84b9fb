/**
 * The whole application over its own file, without a socket: a fuzzer needs thousands of answers a
 * second.
 */
import { expect } from 'vitest';
import { createApp } from '../../src/app.ts';
import { audit, readFile } from '../../src/database/sqlite/file-rows.ts';
import type { OwnDatabase } from '../../src/database/sqlite/open-database.ts';
import { tokenHash } from '../../src/http/admin-auth.ts';
import type { Deps } from '../../src/http/deps.ts';
import { createSandbox } from '../../src/payments/sandbox.ts';
import { systemClock } from '../../src/split/system-clock.ts';
import { appDeps, origin } from '../support/app-deps.ts';
import { createDrop, placeHold } from '../support/commands.ts';
import { migratedFile } from '../support/scratch-store.ts';
import { ids, openThreadedStore } from '../support/threaded-store.ts';

export const chiefToken = 'chief-0123456789abcdef0123456789abcdef';
const secretKey = 'a-secret-of-thirty-two-characters';

export interface ShopInProcess {
  fetch(request: Request): Promise<Response>;
  store: OwnDatabase;
  /** Expects an audit without findings. */
  expectCleanAudit(): void;
  dropId: string;
  orderId: string;
  close(): Promise<void>;
}

/** A drop with one order; `changes` override the dependencies. */
export async function openShopInProcess(changes: Partial<Deps> = {}): Promise<ShopInProcess> {
  const file = migratedFile();
  const store = await openThreadedStore(file);
  const items = [{ sku: 'one', name: 'One size', price: 1250, stock: 100_000 }];
  const made = await store.submit(
    createDrop({ startsAt: systemClock.now() - 60_000, endsAt: null, slug: 'attacked', items }),
  );
  if (made.kind !== 'drop_saved') throw new Error(made.kind);
  const held = await store.submit(placeHold('ada', { itemId: made.drop.items[0]?.id ?? 0 }));
  if (held.kind !== 'held') throw new Error(held.kind);
  const sandbox = createSandbox(secretKey, () => origin);
  const providers = new Map([[sandbox.name, sandbox]]);
  const operator = { adminTokenHash: tokenHash(chiefToken) };
  const app = createApp(appDeps({ db: store, ids, sandbox, providers, ...operator, ...changes }));
  return {
    fetch: async (request) => app.fetch(request),
    store,
    expectCleanAudit: () => expect(readFile(file, audit)).toEqual([]),
    dropId: ids.drop(made.drop.id),
    orderId: ids.order({ dropId: made.drop.id, orderId: held.order.id }),
    close: () => store.close(2_000),
  };
}
