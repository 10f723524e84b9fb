/** The reads of operators and their tokens. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import { operators } from '../../drizzle/operators.ts';
import { type Operator, type OperatorScope, operatorScopes } from '../domain/operator.ts';
import { preparedOnce } from './read-database.ts';
import type { SyncDatabase } from './sync-database.ts';

/** An operator's token, without the token itself. */
export interface OperatorRow {
  id: number;
  name: string;
  scopes: readonly string[];
  createdAt: number;
  revokedAt: number | null;
}

export interface OperatorReads {
  /** Only operators that are not revoked. `tokenHash` is SHA-256 in hex. */
  operatorByTokenHash(tokenHash: string): Operator | undefined;
}

const isScope = (scope: string): scope is OperatorScope =>
  (operatorScopes as readonly string[]).includes(scope);

export const operatorReads = preparedOnce((db): OperatorReads => {
  const byTokenHash = db
    .select({ name: operators.name, scopes: operators.scopes })
    .from(operators)
    .where(and(eq(operators.tokenHash, sql.placeholder('tokenHash')), isNull(operators.revokedAt)))
    .prepare();
  return {
    operatorByTokenHash(tokenHash) {
      const found = byTokenHash.get({ tokenHash });
      // Scopes of a newer version are ignored.
      return found && { actor: `operator:${found.name}`, scopes: new Set(found.scopes.filter(isScope)) };
    },
  };
});

/** Every operator's token, including revoked ones, in the order of creation. */
export const listOperators = (db: SyncDatabase): OperatorRow[] =>
  db
    .select({
      id: operators.id,
      name: operators.name,
      scopes: operators.scopes,
      createdAt: operators.createdAt,
      revokedAt: operators.revokedAt,
    })
    .from(operators)
    .orderBy(asc(operators.id))
    .all();
