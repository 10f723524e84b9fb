/** A file with many orders of one drop for slow readers, made by the real writer. */

import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands } from '../../src/database/sqlite/shop-commands.ts';
import { openWriter } from '../../src/split/connection.ts';
import { createDrop, placeHold } from '../support/commands.ts';
import { scratchDatabase } from '../support/server-process.ts';

const batchOrders = 500;
const slug = 'many-orders';

/** Returns the file. Each order's address has `addressCharacters`. */
export function fileWithOrders(orders: number, addressCharacters: number): { file: string; slug: string } {
  const file = scratchDatabase();
  const connection = openWriter({ file, busyTimeoutMs: 1_000, synchronous: 'NORMAL' });
  migrateFile(connection);
  const committer = commitShopCommands(connection);
  const now = Date.now();
  const items = [{ sku: 'one', name: 'One size', price: 1250, stock: orders + 100_000 }];
  committer.commit([createDrop({ slug, items, startsAt: now - 60_000, holdSeconds: 3_600 })], now);
  const address = 'a'.repeat(addressCharacters);
  for (let from = 0; from < orders; from += batchOrders) {
    const holds = Array.from({ length: batchOrders }, (_, index) =>
      placeHold(`buyer-${from + index}`, {
        contact: { email: `buyer-${from + index}@example.com`, name: null, phone: null, address },
      }),
    );
    committer.commit(holds, now);
  }
  connection.close();
  return { file, slug };
}
