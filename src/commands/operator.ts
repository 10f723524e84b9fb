/** Operator commands about tokens and notes in the log. */
import { and, eq, isNull } from 'drizzle-orm';
import { operators } from '../../drizzle/operators.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { AddOperator, LogAction, RevokeOperator } from '../domain/command.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import type { Journal } from './journal.ts';

export function logAction(command: LogAction, journal: Journal): OutcomeByCommand['logAction'] {
  const { action, actor, dropId } = command;
  journal.log({ kind: action, actor, dropId });
  return { kind: 'done' };
}

export function addOperator(
  command: AddOperator,
  db: SyncDatabase,
  journal: Journal,
): OutcomeByCommand['addOperator'] {
  const { name, tokenHash, scopes, actor } = command;
  const isActive = and(eq(operators.name, name), isNull(operators.revokedAt));
  if (db.select({ id: operators.id }).from(operators).where(isActive).get()) return { kind: 'name_taken' };
  const { id } = db
    .insert(operators)
    .values({ name, tokenHash, scopes, createdAt: journal.now })
    .returning({ id: operators.id })
    .get();
  journal.log({ kind: 'operator_added', actor, dropId: null, detail: { operator: id, name, scopes } });
  return { kind: 'operator_added', operatorId: id };
}

export function revokeOperator(
  command: RevokeOperator,
  db: SyncDatabase,
  journal: Journal,
): OutcomeByCommand['revokeOperator'] {
  const revoked = db
    .update(operators)
    .set({ revokedAt: journal.now })
    .where(and(eq(operators.id, command.operatorId), isNull(operators.revokedAt)))
    .returning({ id: operators.id, name: operators.name })
    .get();
  if (!revoked) return { kind: 'operator_not_found' };
  journal.log({
    kind: 'operator_revoked',
    actor: command.actor,
    dropId: null,
    detail: { operator: revoked.id, name: revoked.name },
  });
  return { kind: 'done' };
}
