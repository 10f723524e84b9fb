/** Every admin route with every token, generated from the route table to include new routes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { commit, writing } from '../../src/cli/console-commit.ts';
import { audit, readFile } from '../../src/database/sqlite/file-rows.ts';
import { type OperatorScope, operatorScopes } from '../../src/domain/operator.ts';
import { tokenHash } from '../../src/http/admin-auth.ts';
import type { OperatorOperation } from '../../src/http/operation.ts';
import { allOperatorOperations } from '../../src/http/operator-operations.ts';
import { type Call, readJson } from '../support/client.ts';
import { machines, useServer } from '../support/contract-server.ts';
import { addOperator, runCommand } from '../support/operator-command.ts';

const routes = allOperatorOperations
  .filter((operation: OperatorOperation) => !operation.isOnlyOnWorkers)
  .map(({ method, path, access }) => ({ method: method.toUpperCase(), path, scope: access }));
const callOf = ({ method, path }: { method: string; path: string }, token?: string): Call => ({
  method,
  path: path.replace(':id', 'none'),
  ...(token !== undefined && { token }),
  ...(method !== 'GET' && { json: {} }),
});

test('the table has routes of every scope but that of moves, which only Workers have', () => {
  const scopes = new Set(operatorScopes.filter((scope) => scope !== 'drops:import'));
  expect(new Set(routes.map(({ scope }) => scope))).toEqual(scopes);
});

describe.each(machines)('authorization on %s', (runtime) => {
  const shop = useServer(runtime);
  const only = new Map<string, string>();
  const allBut = new Map<string, string>();
  let revoked = '';
  /** Creates an operator without the command, which takes half a second and has its own tests. */
  const operatorWith = (name: string, scopes: readonly OperatorScope[]): { token: string; id: number } => {
    const token = `op_${name}`;
    const hash = tokenHash(token).toString('hex');
    const added = writing(shop.server.databaseFile, (connection) =>
      commit(connection, { kind: 'addOperator', actor: 'console', name, tokenHash: hash, scopes }),
    );
    if (added.kind === 'name_taken') throw new Error(`Two operators have the name ${name}.`);
    return { token, id: added.operatorId };
  };
  beforeAll(() => {
    for (const [index, scope] of operatorScopes.entries()) {
      only.set(scope, operatorWith(`only-${index}`, [scope]).token);
      const others = operatorScopes.filter((other) => other !== scope);
      allBut.set(scope, operatorWith(`all-but-${index}`, others).token);
    }
    const gone = operatorWith('gone', operatorScopes);
    writing(shop.server.databaseFile, (connection) =>
      commit(connection, { kind: 'revokeOperator', actor: 'console', operatorId: gone.id }),
    );
    revoked = gone.token;
  });

  describe.each(routes)('$method $path needs $scope', (route) => {
    const statusWith = async (token?: string) => (await shop.send(callOf(route, token))).status;

    test('no token, a wrong one and a revoked one get 401', async () => {
      expect([await statusWith(), await statusWith('wrong'), await statusWith(revoked)]).toEqual([
        401, 401, 401,
      ]);
    });

    test('a token with every other scope gets 403', async () => {
      const answer = await shop.send(callOf(route, allBut.get(route.scope)));
      expect(answer.status).toBe(403);
      expect(readJson<{ code: string }>(answer).code).toBe('forbidden');
    });

    test('the scope, or ADMIN_TOKEN, is sufficient', async () => {
      for (const token of [only.get(route.scope), shop.server.adminToken])
        expect([401, 403]).not.toContain(await statusWith(token));
    });
  });

  test('an unknown route gets 401 without a token, and 404 with one', async () => {
    for (const path of ['/admin/nothing', '/admin/drops/none/nothing', '/admin/orders/none/audit']) {
      expect((await shop.send({ path })).status).toBe(401);
      expect((await shop.send({ path, token: only.get('drops:read') ?? '' })).status).toBe(404);
    }
  });

  test('creating or revoking a token takes effect at once, and the log stays unbroken', async () => {
    const { databaseFile } = shop.server;
    await shop.createDrop();
    const { token, id } = addOperator(runtime, databaseFile, 'till', ['drops:read', 'drops:write']);
    const drop = await shop.createDrop();
    const paused = { method: 'PATCH', path: `/admin/drops/${drop.id}`, json: { paused: true } };
    expect((await shop.send({ ...paused, token })).status).toBe(200);
    runCommand(runtime, 'operator', databaseFile, ['revoke', id]);
    expect((await shop.send({ ...paused, token })).status).toBe(401);
    await shop.createDrop();
    expect(readFile(databaseFile, audit)).toEqual([]);
    const actors = readFile(databaseFile, (file) =>
      file.prepare<[], string>("select distinct actor from events where actor <> 'operator'").pluck().all(),
    );
    expect(actors).toEqual(expect.arrayContaining(['console', 'operator:till']));
    expect(
      readFile(databaseFile, (file) => JSON.stringify(file.prepare('select * from operators').all())),
    ).not.toContain(token);
  });

  test('the command refuses invalid input with a message', () => {
    const { databaseFile } = shop.server;
    const end = (...args: string[]) => runCommand(runtime, 'operator', databaseFile, args);
    expect(end('add', 'twice', '--scopes', 'all').code).toBe(0);
    expect(end('add', 'twice', '--scopes', 'all')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has the name twice/),
    });
    expect(end('add', 'Bad Name', '--scopes', 'all').code).toBe(2);
    expect(end('add', 'other', '--scopes', 'everything').code).toBe(2);
    expect(end('revoke', '99999').code).toBe(1);
    expect(end('list').stdout).toMatch(/twice/);
    expect(end().code).toBe(2);
    expect(runCommand(runtime, 'operator', '/nowhere/none.db', ['list']).code).toBe(1);
  });
});
