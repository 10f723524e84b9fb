/** Database files as older versions left them. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
import { openWriter, type SqliteConnection } from '../../src/split/connection.ts';
import { scratchFolder } from './scratch-folder.ts';
import { settingsFor } from './scratch-store.ts';
import { root } from './server-process.ts';

interface History {
  entries: { idx: number; tag: string; when: number }[];
}
const historyPath = 'migrations/meta/_journal.json';
export const history: History = JSON.parse(readFileSync(join(root, 'drizzle', historyPath), 'utf8'));
export const versions = history.entries.map(({ tag }) => tag);

/** A new file whose migrations end at `version`. */
export function stoppedAt(version: string): SqliteConnection {
  const folder = scratchFolder();
  cpSync(join(root, 'drizzle'), folder, { recursive: true });
  const entries = history.entries.slice(0, versions.indexOf(version) + 1);
  writeFileSync(join(folder, historyPath), JSON.stringify({ ...history, entries }));
  const connection = openWriter(settingsFor(join(folder, 'old.db')));
  migrate(drizzle(connection), { migrationsFolder: join(folder, 'migrations') });
  return connection;
}
