/** Opens an image as a restart does, audits the file, and looks for all acknowledged orders. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { audit } from '../../../src/database/sqlite/file-rows.ts';
import type { SqliteConnection } from '../../../src/split/connection.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import type { Image } from './crash-images.ts';
import { hasReached, type Mark } from './sold.ts';

export interface ImageFindings {
  /** It could not be opened, or an invariant is violated. */
  corrupt: string[];
  /** Acknowledged but missing, or the other way round. */
  lost: string[];
}

interface OrderRow {
  id: number;
  key: string | null;
  status: string;
}

function findBroken(connection: SqliteConnection, marks: readonly Mark[]): string[] {
  const rows = connection
    .prepare<[], OrderRow>('select id, idempotency_key as key, status from orders')
    .all();
  const byId = new Map(rows.map((row) => [row.id, row]));
  const keys = new Set(rows.map((row) => row.key));
  return marks.flatMap(({ orderId, key, reported }) => {
    if (reported === 'refused') return keys.has(key) ? [`${key} was refused, and has an order`] : [];
    const row = byId.get(orderId);
    if (row?.key === key && hasReached(row.status, reported)) return [];
    return [`order ${orderId} was ${reported}, and is ${row?.key === key ? row.status : 'not there'}`];
  });
}

/** `folder` holds the image's files, and is empty afterwards. */
export function judgeImage(image: Image, marks: readonly Mark[], folder: string): ImageFindings {
  mkdirSync(folder, { recursive: true });
  try {
    for (const [name, content] of image) writeFileSync(join(folder, name), content);
    const connection = openShopFile({
      file: join(folder, 'drop.db'),
      busyTimeoutMs: 1_000,
      synchronous: 'FULL',
    });
    try {
      return { corrupt: audit(connection), lost: findBroken(connection, marks) };
    } finally {
      connection.close();
    }
  } catch (error) {
    // Any error here would make a restart fail.
    return { corrupt: [`the file can't be served: ${String(error)}`], lost: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
