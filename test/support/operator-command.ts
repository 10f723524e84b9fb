/** `npm run operator` and `npm run audit` as a person types them, on Node or on Bun. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { OperatorScope } from '../../src/domain/operator.ts';
import { type RuntimeName, root } from './server-process.ts';

export interface CommandEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function runCommand(
  runtime: RuntimeName,
  script: string,
  databaseFile: string,
  args: string[],
): CommandEnd {
  const { status, stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin', runtime),
    [`src/runtime/${script}.ts`, ...args],
    { cwd: root, encoding: 'utf8', env: { PATH: process.env.PATH, DATABASE_FILE: databaseFile } },
  );
  return { code: status, stdout, stderr };
}

/** Makes an operator; returns the token and the number. */
export function addOperator(
  runtime: RuntimeName,
  databaseFile: string,
  name: string,
  scopes: readonly OperatorScope[],
): { token: string; id: string } {
  const end = runCommand(runtime, 'operator', databaseFile, ['add', name, '--scopes', scopes.join(',')]);
  expect(end.code, end.stderr).toBe(0);
  const [token = ''] = end.stdout.split('\n');
  return { token, id: /^Operator (\d+),/m.exec(end.stdout)?.[1] ?? '' };
}
