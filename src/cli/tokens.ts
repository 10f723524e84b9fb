/**
 * `stampede tokens`: creates, lists and revokes operator tokens, with or without a running server.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import * as schema from '../../drizzle/schema.ts';
import { listOperators } from '../database/operator-reads.ts';
import { type OperatorScope, operatorScopes } from '../domain/operator.ts';
import { OPERATOR_NAME_CHARACTERS_MAX } from '../limits.ts';
import type { SqliteConnection } from '../split/connection.ts';
import { commit, writing } from './console-commit.ts';
import { type FileOptions, withFile, withJson } from './options.ts';
import { type OutputOptions, print, table } from './output.ts';
import { misuse, Refusal } from './refusal.ts';

type Options = FileOptions & OutputOptions;

const actor = 'console';
const tokenBytes = 32;
const namePattern = new RegExp(`^[a-z0-9][a-z0-9-]{0,${OPERATOR_NAME_CHARACTERS_MAX - 1}}$`);

const isScope = (scope: string): scope is OperatorScope =>
  (operatorScopes as readonly string[]).includes(scope);

function parseScopes(list: string): readonly OperatorScope[] {
  if (list === 'all') return operatorScopes;
  const scopes = list.split(',').map((scope) => scope.trim());
  if (!scopes.every(isScope))
    throw misuse(`The scopes must be "all", or any of: ${operatorScopes.join(', ')}.`);
  return [...new Set(scopes)];
}

interface NewToken {
  id: number;
  name: string;
  scopes: readonly OperatorScope[];
  token: string;
}

function add(connection: SqliteConnection, name: string, scopes: readonly OperatorScope[]): NewToken {
  const token = `op_${randomBytes(tokenBytes).toString('base64url')}`;
  const tokenHash = createHash('sha256').update(token).digest('hex');
  const outcome = commit(connection, { kind: 'addOperator', actor, name, tokenHash, scopes });
  if (outcome.kind === 'name_taken')
    throw new Refusal(`Another operator has the name ${name}. Revoke that one first.`);
  return { id: outcome.operatorId, name, scopes, token };
}

const addedText = ({ id, name, scopes, token }: NewToken): string =>
  `${token}\nOperator ${id}, ${name}: ${scopes.join(', ')}\nThe token is not stored and is shown only once. Save it now.`;

interface Listed {
  id: number;
  name: string;
  scopes: readonly string[];
  createdAt: string;
  revokedAt: string | null;
}

const list = (connection: SqliteConnection): Listed[] =>
  listOperators(drizzle(connection, { schema })).map(({ createdAt, revokedAt, ...operator }) => ({
    ...operator,
    createdAt: new Date(createdAt).toISOString(),
    revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
  }));

const listText = (operators: readonly Listed[]): string =>
  table(
    ['ID', 'NAME', 'CREATED', 'SCOPES'],
    operators.map(({ id, name, createdAt, revokedAt, scopes }) => [
      id,
      name,
      createdAt,
      revokedAt === null ? scopes.join(', ') : `revoked ${revokedAt}`,
    ]),
    'No operator tokens other than ADMIN_TOKEN.',
  );

const leaf = (name: string, description: string, example: string): Command =>
  withJson(withFile(new Command(name)))
    .description(description)
    .addHelpText('after', `\nExample:\n  $ npm run stampede -- tokens ${example}`);

export const tokensCommand = (): Command =>
  new Command('tokens')
    .description('manage operator tokens in the database file; changes take effect immediately')
    .addCommand(
      leaf('add', 'create a token and print it once', 'add packing --scopes orders:read,orders:write')
        .argument('<name>', 'name of the operator in the event log')
        .requiredOption(
          '--scopes <scopes>',
          `"all", or a comma-separated list of: ${operatorScopes.join(', ')}`,
        )
        .action((name: string, options: Options & { scopes: string }) => {
          const scopes = parseScopes(options.scopes);
          if (!namePattern.test(name)) {
            const rule = `lower-case letters, digits and dashes, at most ${OPERATOR_NAME_CHARACTERS_MAX}`;
            throw misuse(`The name must be ${rule}.`);
          }
          print(
            writing(options.file, (connection) => add(connection, name, scopes)),
            addedText,
            options,
          );
        }),
    )
    .addCommand(
      leaf('list', 'list all tokens, including revoked ones', 'list').action((options: Options) =>
        print(writing(options.file, list), listText, options),
      ),
    )
    .addCommand(
      leaf('revoke', 'revoke a token', 'revoke 1')
        .argument('<id>', 'number of the operator')
        .action((id: string, options: Options) => {
          if (!/^\d{1,15}$/.test(id))
            throw misuse(
              `${JSON.stringify(id)} is not an operator’s number. List them with \`tokens list\`.`,
            );
          writing(options.file, (connection) => {
            const outcome = commit(connection, { kind: 'revokeOperator', actor, operatorId: Number(id) });
            if (outcome.kind === 'operator_not_found') {
              throw new Refusal(`No valid token has the operator number ${id}.`);
            }
          });
          print({ id: Number(id) }, () => `The token of operator ${id} is revoked.`, options);
        }),
    );
