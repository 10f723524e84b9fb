/** `npm run operator`: makes, lists and revokes the tokens of operators, beside a running server or without one. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../drizzle/schema.ts';
import { listOperators } from '../database/operator-reads.ts';
import { createBatchCommitter } from '../database/sqlite/commit-batch.ts';
import { openWriter, type SqliteConnection } from '../database/sqlite/connection.ts';
import { isCurrentFile } from '../database/sqlite/migrate.ts';
import type { AddOperator, RevokeOperator } from '../domain/command.ts';
import { type OperatorScope, operatorScopes } from '../domain/operator.ts';
import type { CommandOutcome } from '../domain/outcome.ts';
import { OPERATOR_NAME_CHARACTERS_MAX } from '../limits.ts';

const usage = `usage: npm run operator -- add NAME --scopes SCOPES   prints a new token, once
       npm run operator -- list
       npm run operator -- revoke ID
SCOPES is "all", or a comma list of: ${operatorScopes.join(', ')}
The database is DATABASE_FILE, or data/stampede.db, or what --file names.`;

const actor = 'console';
const tokenBytes = 32;
const name = new RegExp(`^[a-z0-9][a-z0-9-]{0,${OPERATOR_NAME_CHARACTERS_MAX - 1}}$`);

/** What can't be done, for whoever typed it. */
class Refusal extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
const misused = (): Refusal => new Refusal(usage, 2);

const isScope = (scope: string): scope is OperatorScope =>
  (operatorScopes as readonly string[]).includes(scope);

function parseScopes(list: string | undefined): readonly OperatorScope[] {
  if (list === 'all') return operatorScopes;
  const scopes = (list ?? '').split(',').map((scope) => scope.trim());
  if (!scopes.every(isScope)) throw misused();
  return [...new Set(scopes)];
}

/** One command as a commit of its own: with its event and its link, as the server would write them. */
function commit<C extends AddOperator | RevokeOperator>(
  connection: SqliteConnection,
  command: C,
): CommandOutcome<C> {
  const [outcome] = createBatchCommitter(connection).commit([command], Date.now()).outcomes;
  return outcome as CommandOutcome<C>;
}

function add(connection: SqliteConnection, wanted: string, scopes: readonly OperatorScope[]): string {
  if (!name.test(wanted)) {
    const rule = `lower-case letters, digits and dashes, at most ${OPERATOR_NAME_CHARACTERS_MAX}`;
    throw new Refusal(`The name must be ${rule}.`, 2);
  }
  const token = `op_${randomBytes(tokenBytes).toString('base64url')}`;
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const outcome = commit(connection, { kind: 'addOperator', actor, name: wanted, tokenHash, scopes });
  if (outcome.kind === 'name_taken') throw new Refusal('Another operator has this name: revoke it first.', 1);
  return `${token}\nOperator ${outcome.operatorId}, ${wanted}: ${scopes.join(', ')}\nThe token is kept nowhere: note it now.`;
}

function list(connection: SqliteConnection): string {
  const lines = listOperators(drizzle(connection, { schema })).map(
    ({ id, name: called, scopes, createdAt, revokedAt }) => {
      const since = new Date(createdAt).toISOString();
      const state = revokedAt === null ? scopes.join(', ') : `revoked ${new Date(revokedAt).toISOString()}`;
      return `${id}\t${called}\t${since}\t${state}`;
    },
  );
  return lines.length > 0 ? lines.join('\n') : 'No operator but the holder of ADMIN_TOKEN.';
}

function revoke(connection: SqliteConnection, id: string): string {
  if (!/^\d{1,15}$/.test(id)) throw misused();
  const outcome = commit(connection, { kind: 'revokeOperator', actor, operatorId: Number(id) });
  if (outcome.kind === 'operator_not_found')
    throw new Refusal('No operator with this number has a token.', 1);
  return `Operator ${id} is revoked.`;
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { scopes: { type: 'string' }, file: { type: 'string' } },
    });
  } catch {
    throw misused();
  }
}

function run(): string {
  const { values, positionals } = parse();
  const [verb, subject = '', ...more] = positionals;
  const work = {
    add: (connection: SqliteConnection) => add(connection, subject, parseScopes(values.scopes)),
    list,
    revoke: (connection: SqliteConnection) => revoke(connection, subject),
  }[verb ?? ''];
  if (!work || more.length > 0) throw misused();
  const file = values.file ?? (process.env.DATABASE_FILE || 'data/stampede.db');
  if (!existsSync(file))
    throw new Refusal(`${file} is not there: start the server once, or name the file.`, 1);
  const connection = openWriter({ file, busyTimeoutMs: 5_000, synchronous: 'FULL' });
  try {
    if (!isCurrentFile(connection))
      throw new Refusal(`${file} has another schema: start the server once.`, 1);
    return work(connection);
  } finally {
    connection.close();
  }
}

try {
  process.stdout.write(`${run()}\n`);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Refusal ? error.exitCode : 1;
}
