/** A sound backup of a small database, and the path of a database that it can restore. */
import { join } from 'node:path';
import { makeBackup } from '../../src/database/sqlite/backup.ts';
import { partialName } from '../../src/database/sqlite/backup-folder.ts';
import { createDrop, noon, placeHold } from './commands.ts';
import { scratchFolder } from './scratch-folder.ts';
import { ScratchStore } from './scratch-store.ts';

/** The last event is the second one, one millisecond after `noon`. */
export function makeBackupFile(): { backup: string; database: string } {
  using store = new ScratchStore();
  store.run(createDrop(), noon);
  store.run(placeHold('ada'), noon + 1);
  const folder = scratchFolder();
  const partial = partialName(noon, 1);
  const job = { kind: 'backup', connection: store.settings, folder, keep: 1, partial } as const;
  const outcome = makeBackup(job, noon);
  if (outcome.kind !== 'backed_up') throw new Error(JSON.stringify(outcome));
  return { backup: join(folder, outcome.backup.file), database: join(scratchFolder(), 'drop.db') };
}
