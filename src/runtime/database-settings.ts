/** The database settings of one HTTP thread. */
import type { Config } from '../config/config.ts';
import type { LinkedDatabaseSettings } from '../database/sqlite/open-database.ts';

export const linkedDatabaseSettings = (config: Config): LinkedDatabaseSettings => ({
  connection: {
    file: config.databaseFile,
    busyTimeoutMs: config.busyTimeoutMs,
    synchronous: config.synchronous,
  },
  queue: { queueMax: config.queueMax, deadlineMs: config.writeDeadlineMs, batchMax: config.batchMax },
  // MAX_READ_CONNS is for the whole process; each thread needs one for requests and one for a long
  // read.
  readersMax: Math.max(2, Math.floor(config.readersMax / config.httpThreads)),
  backups: config.backups,
  secretKey: config.secretKey,
});
