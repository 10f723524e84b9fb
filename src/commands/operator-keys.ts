/** Applies an operator's write once per Idempotency-Key: the key is a row of its commit. */
import { eq, lte } from 'drizzle-orm';
import { operatorKeys } from '../../drizzle/operators.ts';
import type { SyncDatabase } from '../database/sync-database.ts';
import type { DomainCommand } from '../domain/command.ts';
import type { OperatorKey } from '../domain/operator.ts';
import type { OutcomeByCommand } from '../domain/outcome.ts';
import { OPERATOR_KEY_AGE_MS } from '../limits.ts';
import { dropIdOfSlug, saved } from './drop.ts';
import type { Journal } from './journal.ts';
import { bare, value } from './placeholder.ts';
import type { Statements } from './statements.ts';

export const prepareOperatorKeyStatements = (db: SyncDatabase) => ({
  deleteOldOperatorKeys: db
    .delete(operatorKeys)
    .where(lte(operatorKeys.at, value('before')))
    .prepare(),

  operatorKey: db
    .select({ fingerprint: operatorKeys.fingerprint })
    .from(operatorKeys)
    .where(eq(operatorKeys.key, value('key')))
    .prepare(),

  insertOperatorKey: db
    .insert(operatorKeys)
    .values({ key: bare('key'), fingerprint: bare('fingerprint'), at: bare('at') })
    .prepare(),
});

export const keyOf = (command: DomainCommand): OperatorKey | undefined =>
  'once' in command ? command.once : undefined;

type Replay = OutcomeByCommand['restock' | 'refundOrder'];

/** The drop that the answer contains; undefined for commands on orders and refunds. */
function dropIdOf(command: DomainCommand, db: SyncDatabase): number | undefined {
  if (command.kind === 'createDrop') return dropIdOfSlug(db, command.drop.slug);
  return command.kind === 'restock' || command.kind === 'editDrop' ? command.dropId : undefined;
}

/**
 * The answer to a write whose key is known; null if the key is new. It shows the present state: the
 * row stores no answer, which could hold personal data.
 */
export function replayOfWrite(
  { key, fingerprint }: OperatorKey,
  command: DomainCommand,
  db: SyncDatabase,
  statements: Statements,
  journal: Journal,
): Replay | null {
  statements.deleteOldOperatorKeys.run({ before: journal.now - OPERATOR_KEY_AGE_MS });
  const known = statements.operatorKey.get({ key });
  if (!known) return null;
  if (known.fingerprint !== fingerprint) return { kind: 'key_reused' };
  const dropId = dropIdOf(command, db);
  if (dropId === undefined) return { kind: 'done', replayed: true };
  const found = saved(db, dropId, journal);
  return found.kind === 'drop_saved' ? { ...found, replayed: true } : found;
}

/** Stores the key of a write that succeeded. A refused write may succeed later with its key. */
export function keepKey(
  { key, fingerprint }: OperatorKey,
  outcome: { kind: string },
  statements: Statements,
  { now }: Journal,
): void {
  if (outcome.kind !== 'done' && outcome.kind !== 'drop_saved') return;
  statements.insertOperatorKey.run({ key, fingerprint, at: now });
}
