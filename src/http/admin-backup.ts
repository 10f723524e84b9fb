/** POST /admin/backup: a proven copy of the whole file beside it, where the server has a file of its own. */
import type { InferOutput } from 'valibot';
import type { FileDatabase } from '../database/shop-database.ts';
import type { Backup, BackupFailure } from '../domain/backup.ts';
import type { Log } from '../log.ts';
import type { AdminRoute } from './admin-routes.ts';
import type { backup as backupShape } from './answers.ts';
import { json } from './json.ts';
import { problem, refuse } from './problem.ts';

// What could be wrong with a path or a disk is for the log alone.
const details: Record<BackupFailure, string> = {
  no_room: 'Its disk has no room for it. Nothing of it is left, and the server goes on.',
  unsound: 'The copy did not pass the audit: run it on the file itself. The server goes on.',
  io: 'It could not be made; the log says why. Nothing of it is left, and the server goes on.',
};
const retryAfterSeconds = '60';

const backupJson = ({ createdAt, ...rest }: Backup): InferOutput<typeof backupShape> => ({
  ...rest,
  createdAt: new Date(createdAt).toISOString(),
});

export function adminBackupRoutes({ db, log }: { db: FileDatabase; log: Log }): AdminRoute[] {
  return [
    {
      method: 'POST',
      path: '/admin/backup',
      scope: 'backups:write',
      async handle(_, { actor }) {
        const outcome = await db.backup();
        if (outcome.kind === 'overloaded') return refuse(outcome);
        if (outcome.kind === 'backup_running') return problem('backup_running');
        if (outcome.kind === 'backup_failed') {
          const { failure, reason } = outcome;
          log.error({ failure, reason }, 'a backup failed');
          return problem('backup_failed', {
            detail: details[failure],
            headers: { 'retry-after': retryAfterSeconds },
          });
        }
        const { backup } = outcome;
        // Once it is there: the log must not tell of one that failed, nor an answer deny one that is whole.
        const noted = await db.submit({ kind: 'noteAction', actor, action: 'backed_up', dropId: null });
        if (noted.kind !== 'done') {
          log.error({ actor, file: backup.file, reason: noted.kind }, 'a backup is not in the event log');
        }
        return json(backupJson(backup), 201);
      },
    },
  ];
}
