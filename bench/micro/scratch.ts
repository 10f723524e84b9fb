/** A scratch database file on a disk: its writer, drop and buyers, and a final check. */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands } from '../../src/database/sqlite/shop-commands.ts';
import type { CreateDrop, PlaceHold } from '../../src/domain/command.ts';
import { type ConnectionSettings, openWriter } from '../../src/split/connection.ts';
import { checkFile } from '../load/check-file.ts';

export const price = 9_900;
const plenty = 1_000_000_000;

export const createDrop = (slug: string, stock = plenty): CreateDrop => ({
  kind: 'createDrop',
  actor: 'operator',
  drop: {
    slug,
    title: 'Micro',
    description: '',
    imageUrl: null,
    currency: 'EUR',
    perCustomer: 2,
    startsAt: 0,
    endsAt: null,
    holdSeconds: 86_400,
    published: true,
    items: ['S', 'M', 'L'].map((sku) => ({ sku, name: `Size ${sku}`, price, stock })),
  },
});

let buyers = 0;

/**
 * Returns a hold of one unit by a new customer. Names are as random as real ones, which are hashes.
 */
export function placeHold(itemId: number): PlaceHold {
  buyers += 1;
  const name = hash('sha256', String(buyers), 'base64url').slice(0, 16);
  return {
    kind: 'placeHold',
    items: [{ itemId, quantity: 1 }],
    customer: name,
    customerPhone: null,
    idempotencyKey: `h1 of-${'x'.repeat(12)}-${buyers}`,
    plainKey: `key-${'x'.repeat(28)}-${buyers}`,
    fingerprint: name,
    contact: { email: `buyer-${buyers}@load.example`, name: null, phone: null, address: null },
  };
}

export function scratchSettings(synchronous: ConnectionSettings['synchronous'] = 'FULL'): ConnectionSettings {
  return {
    file: join(mkdtempSync(join(tmpdir(), 'stampede-micro-')), 'drop.db'),
    busyTimeoutMs: 1_000,
    synchronous,
  };
}

/** Checks the file and deletes it; returns the faults in words. No process may have it open. */
export function checkAndRemove({ file }: ConnectionSettings): string[] {
  const evidence = {
    acknowledged: [],
    unknown: Number.POSITIVE_INFINITY,
    paid: null,
    orderKeyOf: () => null,
  };
  const wrong = checkFile(file, evidence).filter(({ passed }) => !passed);
  rmSync(join(file, '..'), { recursive: true });
  return wrong.map(({ name, detail }) => `${name}: ${detail}`);
}

/** Opens the writer's connection, without its thread, with one drop. */
export function openScratchWriter(settings: ConnectionSettings) {
  const connection = openWriter(settings);
  migrateFile(connection);
  const committer = commitShopCommands(connection);
  const [change] = committer.commit([createDrop('micro')], Date.now()).update.changes;
  const drop = change?.kind === 'drop' ? change.drop : undefined;
  const [item] = drop?.items ?? [];
  if (!drop || !item) throw new Error('The drop was not created.');
  return { connection, committer, dropId: drop.id, itemId: item.id };
}
