/** The shop's commands module, which the writer thread binds to its connection. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../../drizzle/schema.ts';
import { createApply } from '../../commands/apply.ts';
import { readDrops } from '../../commands/drop.ts';
import { Journal, type LogHead } from '../../commands/journal.ts';
import { createKeyFloor } from '../../commands/new-keys.ts';
import { OpenHolds } from '../../commands/open-holds.ts';
import { prepareStatements } from '../../commands/statements.ts';
import type { DomainCommand } from '../../domain/command.ts';
import type { CommandOutcome } from '../../domain/outcome.ts';
import { WARM_UP_HOLDS_AT_ONCE } from '../../limits.ts';
import type { OpenCommands } from '../../split/commands.ts';
import type { SqliteConnection } from '../../split/connection.ts';
import { beginWhereFree } from '../../split/file-busy.ts';
import { createGroupCommit, type GroupCommit } from '../../split/group-commit.ts';
import { failedCommandOf } from '../../split/refused-value.ts';
import type { CatalogueUpdate } from '../catalogue-update.ts';
import { keepDeploymentMark } from '../deployment.ts';
import { nextGeneration } from '../generations.ts';
import { firstLinkHash } from '../log-link.ts';
import { beginGeneration } from './begin-generation.ts';
import { purgeDeleted, schedulePurge } from './purge-deleted.ts';
import { warmUpDrop, warmUpHold } from './warm-up.ts';

export type ShopCommands = OpenCommands<DomainCommand, CommandOutcome, CatalogueUpdate>;

export interface ShopCommandsOptions {
  /** Holds placed and rolled back while no buyer comes, to compile the hot code. */
  warmUpHolds: number;
}

/**
 * Binds the commands to a migrated connection. `firstKey` is the first key of the stored generation
 * of this start; the console omits it, because it issues no keys.
 */
export function bindShopCommands(
  connection: SqliteConnection,
  { firstKey, warmUpHolds = 0 }: { firstKey?: number; warmUpHolds?: number } = {},
): ShopCommands {
  const db = drizzle(connection, { schema });
  const statements = prepareStatements(db);
  const apply = createApply(db, statements);
  const keyFloor = createKeyFloor(firstKey ?? nextGeneration(db).firstKey);
  const openHolds = new OpenHolds();
  const readHead = (): LogHead => {
    const last = statements.lastLink.get();
    return last ? { seq: last.lastSeq, hash: last.hash } : { seq: 0, hash: firstLinkHash };
  };
  // Cached, because only this connection writes the log; read again after a foreign commit.
  let head = readHead();
  let warmedUp = 0;

  return {
    begin(now) {
      const journal = new Journal(now, keyFloor, openHolds);
      const { mark } = openHolds;
      const before = head;
      return {
        run(command) {
          const outcome = apply(command, journal);
          if (outcome.kind === 'customer_erased' && outcome.orders > 0) schedulePurge(connection, now);
          return outcome;
        },
        reload() {
          journal.forgetOffers();
          head = readHead();
        },
        end() {
          head = journal.writeLog(statements, head);
          return { changes: journal.changes(), lastSeq: head.seq };
        },
        rollBack() {
          openHolds.rollBack(mark);
          head = before;
        },
      };
    },
    state() {
      head = readHead();
      return { changes: [{ kind: 'catalogue', drops: readDrops(db) }], lastSeq: head.seq };
    },
    afterCommit: () => openHolds.afterCommit(),
    failureOf: failedCommandOf,
    deletes: ({ kind }) => kind === 'eraseCustomer',
    warmUp(now) {
      if (warmedUp >= warmUpHolds) return false;
      beginWhereFree(() => connection.exec('BEGIN IMMEDIATE'));
      try {
        const created = apply(warmUpDrop(now, WARM_UP_HOLDS_AT_ONCE), new Journal(now, keyFloor));
        const itemId = created.kind === 'drop_saved' ? (created.drop.items[0]?.id ?? 0) : 0;
        for (let buyer = 0, last = head; buyer < WARM_UP_HOLDS_AT_ONCE; buyer += 1) {
          const journal = new Journal(now, keyFloor);
          apply(warmUpHold(itemId, buyer), journal);
          last = journal.writeLog(statements, last);
        }
      } finally {
        if (connection.inTransaction) connection.exec('ROLLBACK');
      }
      warmedUp += WARM_UP_HOLDS_AT_ONCE;
      return true;
    },
  };
}

/** Prepares a migrated file for the shop: adds a mark, and purges deleted personal data. */
export function prepareShopFile(connection: SqliteConnection): void {
  keepDeploymentMark(drizzle(connection, { schema }));
  purgeDeleted(connection);
}

/** For the writer thread: begins a generation of names with this start. */
export function openCommands(connection: SqliteConnection, options: unknown): ShopCommands {
  const { warmUpHolds } = options as ShopCommandsOptions;
  prepareShopFile(connection);
  return bindShopCommands(connection, { firstKey: beginGeneration(connection), warmUpHolds });
}

export interface ShopCommit extends GroupCommit<DomainCommand, CommandOutcome, CatalogueUpdate> {
  /** The whole catalogue as of the last commit. */
  state(): CatalogueUpdate;
}

/** Group commits of the shop's commands on a migrated connection that no server serves. */
export function commitShopCommands(connection: SqliteConnection, firstKey?: number): ShopCommit {
  const commands = bindShopCommands(connection, firstKey === undefined ? {} : { firstKey });
  return { ...createGroupCommit(connection, commands), state: commands.state };
}
