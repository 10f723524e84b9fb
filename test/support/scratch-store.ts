/**
 * A database of its own for one test: a copy of a file that was migrated once, with the writer's
 * connection and committer.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CatalogueUpdate } from '../../src/database/catalogue-update.ts';
import { migrateFile } from '../../src/database/sqlite/migrate.ts';
import { commitShopCommands, type ShopCommit } from '../../src/database/sqlite/shop-commands.ts';
import type { Command } from '../../src/domain/command.ts';
import type { CommandOutcome, OutcomeByCommand } from '../../src/domain/outcome.ts';
import {
  type ConnectionSettings,
  openReader,
  openWriter,
  type SqliteConnection,
} from '../../src/split/connection.ts';
import type { Committed } from '../../src/split/group-commit.ts';
import { scratchFolder } from './scratch-folder.ts';

export const settingsFor = (file: string): ConnectionSettings => ({
  file,
  busyTimeoutMs: 1_000,
  synchronous: 'FULL',
});

/** A migrated file without rows: created once per process, and deleted with the run. */
let template: string | undefined;

function migratedTemplate(): string {
  const file = join(mkdtempSync(join(process.env.STAMPEDE_SCRATCH ?? tmpdir(), 'stampede-')), 'migrated.db');
  const connection = openWriter(settingsFor(file));
  migrateFile(connection);
  // Closing the last connection moves the whole database into the one file.
  connection.close();
  return file;
}

/** The path of a new file with the schema and no rows. */
export function migratedFile(): string {
  template ??= migratedTemplate();
  const file = join(scratchFolder(), 'drop.db');
  copyFileSync(template, file);
  return file;
}

/** The real writer on its own file, without its thread; made for `using`. */
export class ScratchStore {
  readonly settings = settingsFor(migratedFile());
  #writer = openWriter(this.settings);
  #committer: ShopCommit = commitShopCommands(this.#writer);
  #reader = openReader(this.settings);

  /** The writer's own connection, for what no Command can do. */
  get writer(): SqliteConnection {
    return this.#writer;
  }

  /** Another connection, which sees only committed rows. */
  get reader(): SqliteConnection {
    return this.#reader;
  }

  get committer(): ShopCommit {
    return this.#committer;
  }

  /** Commits one command as its own batch. */
  run<C extends Command>(command: C, now: number): OutcomeByCommand[C['kind']] {
    const [outcome] = this.runBatch([command], now).outcomes;
    // The committer answers each command with its own kind of outcome.
    return outcome as OutcomeByCommand[C['kind']];
  }

  /** Throws where the database rejects a command: a sound application sends no such command. */
  runBatch(commands: readonly Command[], now: number): Committed<CommandOutcome, CatalogueUpdate> {
    const batch = this.#committer.commit(commands, now);
    for (const outcome of batch.outcomes)
      if (outcome.kind === 'command_failed') throw new Error(`A command failed: ${outcome.reason}`);
    return batch;
  }

  /** All rows of a query, as a reader sees them. */
  rows<Row>(sql: string): Row[] {
    return this.#reader.prepare<[], Row>(sql).all();
  }

  /** Reopens the file, as after the end of the process. */
  reopen(): void {
    this.#close();
    this.#writer = openWriter(this.settings);
    this.#committer = commitShopCommands(this.#writer);
    this.#reader = openReader(this.settings);
  }

  [Symbol.dispose](): void {
    this.#close();
    rmSync(dirname(this.settings.file), { recursive: true });
  }

  #close(): void {
    this.#reader.close();
    this.#writer.close();
  }
}
