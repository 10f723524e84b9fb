/** Opens the configured database file for a shop, and logs what its operator should know. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { dropPresentation } from '../answers/representation.ts';
import { logFailedCommands } from '../commands/failed-commands.ts';
import type { Config } from '../config/config.ts';
import { type OwnDatabase, openShopDatabase } from '../database/sqlite/open-database.ts';
import type { Ids } from '../ids/ids.ts';
import { WARM_UP_HOLDS } from '../limits.ts';
import type { Log } from '../log.ts';
import { systemClock } from '../split/system-clock.ts';
import { DatabaseRefusedError } from '../split/writer-host.ts';
import { linkedDatabaseSettings } from './database-settings.ts';
import { warnOfUnfinishedDeletions } from './unfinished-deletions.ts';
import { warnOfWideModes } from './wide-modes.ts';

/** Rejects with `DatabaseRefusedError` if the file can't be served. */
export async function openConfiguredDatabase(
  config: Config,
  ids: Ids,
  log: Log,
  onFault: (reason: string) => void,
): Promise<OwnDatabase> {
  const { databaseFile } = config;
  const logDiskSpace = (hasSpace: boolean): void => {
    if (hasSpace) log.warn({}, 'the disk has space again: orders are accepted');
    else log.error({}, 'the disk is full: orders are refused until space is free');
  };
  try {
    const isNew = !existsSync(databaseFile);
    mkdirSync(dirname(databaseFile), { recursive: true });
    const db = await openShopDatabase(
      { ...linkedDatabaseSettings(config), warmUpHolds: config.isWarmUpOn ? WARM_UP_HOLDS : 0 },
      dropPresentation(ids),
      systemClock,
      onFault,
      logDiskSpace,
      logFailedCommands(log),
    );
    warnOfWideModes(databaseFile, log);
    warnOfUnfinishedDeletions(linkedDatabaseSettings(config).connection, log);
    // An unexpectedly new file may mean that its volume is not mounted.
    if (isNew) log.warn({ databaseFile }, 'there was no database file: a new one was created');
    return db;
  } catch (error) {
    const isOfSystem = error instanceof Error && 'code' in error;
    throw isOfSystem ? new DatabaseRefusedError(error.message) : error;
  }
}
