/** The deployment's mark, by which it knows its own payments among those of other shops with the same provider account. */
import { randomBytes } from 'node:crypto';
import { deployment } from '../../drizzle/deployment.ts';
import type { SyncDatabase } from './sync-database.ts';

const MARK_BYTES = 16;

export interface DeploymentReads {
  /** Null where none was made yet: in an object before it first asks the catalogue. */
  deploymentMark(): string | null;
}

/** Random, not derived from SECRET_KEY: a changed key must not change whose money it is. */
export const newDeploymentMark = (): string => randomBytes(MARK_BYTES).toString('hex');

export function createDeploymentReads(db: SyncDatabase): DeploymentReads {
  const mark = db.select({ mark: deployment.mark }).from(deployment).prepare();
  return { deploymentMark: () => mark.get()?.mark ?? null };
}

/** Keeps a mark where there is none yet, and returns the mark that is kept. */
export function keepDeploymentMark(db: SyncDatabase, mark = newDeploymentMark()): string {
  db.insert(deployment).values({ id: 1, mark }).onConflictDoNothing().run();
  return createDeploymentReads(db).deploymentMark() ?? mark;
}
