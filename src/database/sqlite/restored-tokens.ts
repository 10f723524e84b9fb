/** Revokes operator tokens that a restored backup would make valid again. */
import Database from 'better-sqlite3';
import { readFile } from './file-rows.ts';
import { commitShopCommands } from './shop-commands.ts';

export interface ValidToken {
  id: number;
  name: string;
  /** SHA-256 in hex. */
  tokenHash: string;
}

/** Throws if the file is not a Stampede database. */
export const validTokens = (databaseFile: string): ValidToken[] =>
  readFile(databaseFile, (connection) =>
    connection
      .prepare<[], ValidToken>(
        'select id, name, token_hash as tokenHash from operators where revoked_at is null order by id',
      )
      .all(),
  );

/** The token hashes that a file accepts, however old its schema; null if it can't be read. */
export function acceptedHashes(databaseFile: string): ReadonlySet<string> | null {
  try {
    return new Set(validTokens(databaseFile).map(({ tokenHash }) => tokenHash));
  } catch {
    return null;
  }
}

/**
 * Revokes tokens, with their events, in a copy that no other program has open. Keeps the journal in
 * memory: a killed restore's journal file would be applied to the next copy of this name.
 */
export function revokeTokens(copy: string, tokens: readonly ValidToken[], now: number): void {
  if (tokens.length === 0) return;
  const connection = new Database(copy, { fileMustExist: true });
  try {
    connection.pragma('journal_mode = memory');
    connection.pragma('synchronous = FULL');
    const commands = tokens.map(
      ({ id }) => ({ kind: 'revokeOperator', actor: 'console', operatorId: id }) as const,
    );
    commitShopCommands(connection).commit(commands, now);
  } finally {
    connection.close();
  }
}
