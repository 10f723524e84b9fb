/** The deployment's mark: which payments of a shared provider account are its own. */
import { randomBytes } from 'node:crypto';
import { deployment } from '../../drizzle/deployment.ts';
import { preparedOnce } from './read-database.ts';
import type { SyncDatabase } from './sync-database.ts';

const MARK_BYTES = 16;

export interface DeploymentReads {
  /** Null if there is none yet: in an object before its first request to the catalogue. */
  deploymentMark(): string | null;
}

/** Random, not derived from SECRET_KEY: a changed key must not change which payments are ours. */
export const newDeploymentMark = (): string => randomBytes(MARK_BYTES).toString('hex');

export const deploymentReads = preparedOnce((db): DeploymentReads => {
  const mark = db.select({ mark: deployment.mark }).from(deployment).prepare();
  return { deploymentMark: () => mark.get()?.mark ?? null };
});

/** Stores the mark if there is none yet, and returns the stored mark. */
export function keepDeploymentMark(db: SyncDatabase, mark = newDeploymentMark()): string {
  db.insert(deployment).values({ id: 1, mark }).onConflictDoNothing().run();
  return deploymentReads(db).deploymentMark() ?? mark;
}
