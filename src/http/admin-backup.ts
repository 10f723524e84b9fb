/** POST /admin/backup: a verified copy of the database, on servers with their own file. */
import type { InferOutput } from 'valibot';
import * as answers from '../answers/schemas.ts';
import type { FileDatabase } from '../database/shop-database.ts';
import type { Backup, BackupFailure } from '../domain/backup.ts';
import type { Log } from '../log.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import { json } from './json.ts';
import { operatorOperations } from './operation.ts';
import { problem, refuse } from './problem.ts';

// Paths and disk errors go to the log only.
const details: Record<BackupFailure, string> = {
  no_space: 'The disk is full. The partial backup was deleted; the server keeps running.',
  unsound: 'The backup failed its audit. Run the audit on the database itself. The server keeps running.',
  io: 'The backup could not be written; see the log. The partial backup was deleted; the server keeps running.',
};
const retryAfterSeconds = '60';

const backupJson = ({ createdAt, ...rest }: Backup): InferOutput<typeof answers.backup> => ({
  ...rest,
  createdAt: new Date(createdAt).toISOString(),
});

export const adminBackupOperations = operatorOperations([
  {
    id: 'backup',
    method: 'post',
    path: '/admin/backup',
    summary: 'Create and verify a backup of the whole database',
    description: 'A snapshot of one moment. It includes everything acknowledged before the request.',
    access: 'backups:write',
    answers: [
      { status: 201, description: 'The backup, in the server’s backup folder.', schema: answers.backup },
    ],
    refusals: ['backup_running', 'backup_failed'],
    isOnlyOnMachines: true,
  },
]);

export function adminBackupRoutes({ db, log }: { db: FileDatabase; log: Log }): OperatorRoute[] {
  return operatorRoutes(adminBackupOperations, {
    async backup({ actor }) {
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
      // Recorded once the backup exists: the log must not list a failed backup, and the answer
      // must not deny a complete one.
      const noted = await db.submit({ kind: 'logAction', actor, action: 'backed_up', dropId: null });
      if (noted.kind !== 'done') {
        log.error({ actor, file: backup.file, reason: noted.kind }, 'a backup is not in the event log');
      }
      return json(backupJson(backup), 201);
    },
  });
}
