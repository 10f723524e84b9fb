/** An object with only the real committer, whose clock a test sets. */
import { DurableObject } from 'cloudflare:workers';
import { drizzle } from 'drizzle-orm/durable-sqlite';
import { migrate } from 'drizzle-orm/durable-sqlite/migrator';
import * as schema from '../../../drizzle/schema.ts';
import { everyKey } from '../../../src/commands/new-keys.ts';
import { auditRows } from '../../../src/database/audit/audit.ts';
import { nextGeneration } from '../../../src/database/generations.ts';
import type { DomainCommand } from '../../../src/domain/command.ts';
import { createObjectCommitter, type ObjectCommitter } from '../../../src/edge/object/committer.ts';
import { migrations } from '../../../src/edge/object/migrations.ts';
import { rowsOfObject } from '../../../src/edge/object/rows.ts';

export type ScratchCall =
  | { do: 'run'; command: DomainCommand; now: number }
  | { do: 'rows'; queries: readonly string[] }
  | { do: 'reopen' }
  /**
   * Must be the object's first call: runs only the first migrations, then statements that write
   * rows as an older version did.
   */
  | { do: 'begin_old'; migrations: number; statements: readonly string[] }
  | { do: 'violations' };

export class ScratchObject extends DurableObject {
  #committer: ObjectCommitter | null = null;

  override async fetch(request: Request): Promise<Response> {
    const { storage } = this.ctx;
    const call = await request.json<ScratchCall>();
    if (call.do === 'begin_old') {
      const entries = migrations.journal.entries.slice(0, call.migrations);
      await migrate(drizzle(storage), { ...migrations, journal: { ...migrations.journal, entries } });
      for (const statement of call.statements) storage.sql.exec(statement);
      return Response.json(null);
    }
    if (!this.#committer) {
      await migrate(drizzle(storage), migrations);
      const db = drizzle(storage, { schema });
      this.#committer = createObjectCommitter(storage, db, everyKey, nextGeneration(db), () => undefined);
    }
    switch (call.do) {
      case 'run':
        return Response.json(this.#committer.commit(call.command, call.now).outcome);
      case 'rows':
        return Response.json(call.queries.map((query) => [...storage.sql.exec(query)]));
      case 'violations':
        return Response.json(auditRows(rowsOfObject(storage)));
      case 'reopen':
        this.#committer = null;
        return Response.json(null);
    }
  }
}
