/** Caches the catalogue's mark in an object, because D1 may be unavailable when a buyer pays. */
import { drizzle } from 'drizzle-orm/durable-sqlite';
import * as schema from '../../../drizzle/schema.ts';
import { deploymentReads, keepDeploymentMark } from '../../database/deployment.ts';
import { Catalogue } from '../catalogue.ts';

/** Rejects if the object has no mark yet and D1 does not answer. */
export async function objectMark(storage: DurableObjectStorage, catalogue: D1Database): Promise<string> {
  const db = drizzle(storage, { schema });
  const kept = deploymentReads(db).deploymentMark();
  return kept ?? keepDeploymentMark(db, await new Catalogue(catalogue).deploymentMark());
}
