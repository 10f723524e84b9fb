/** The whole store of a server, writer thread included, on a file that a test may reopen. */

import { dropPresentation } from '../../src/answers/representation.ts';
import { moneyReads } from '../../src/database/money-reads.ts';
import { type OwnDatabase, openShopDatabase } from '../../src/database/sqlite/open-database.ts';
import { createIds } from '../../src/ids/ids.ts';
import { systemClock } from '../../src/split/system-clock.ts';
import { patienceMs } from './patience.ts';
import { settingsFor } from './scratch-store.ts';

/** The ids of the store's snapshot. */
export const ids = createIds('a-secret-of-thirty-two-characters');

/** A fault of the writer ends the test. */
export const openThreadedStore = (file: string): Promise<OwnDatabase> =>
  openShopDatabase(
    {
      connection: settingsFor(file),
      queue: { queueMax: 10_000, deadlineMs: patienceMs, batchMax: 1_000 },
      readersMax: 4,
      backups: { folder: `${file}.backups`, keep: 2 },
      warmUpHolds: 0,
      secretKey: 'a key',
    },
    dropPresentation(ids),
    systemClock,
    (reason) => {
      throw new Error(reason);
    },
  );

/** The key of the newest pending refund; 0 where there is none. */
export const owedRefund = (store: OwnDatabase): number =>
  moneyReads(store).refunds('pending', Number.MAX_SAFE_INTEGER, 1)[0]?.id ?? 0;
