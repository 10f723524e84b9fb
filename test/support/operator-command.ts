/** Runs `npm run stampede` and its short forms as a person types them, on Node or on Bun. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { OperatorScope } from '../../src/domain/operator.ts';
import { type RuntimeName, root } from './server-process.ts';

export interface CommandEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

type Script = 'stampede' | 'operator' | 'audit' | 'move';

function processOf(
  runtime: RuntimeName,
  script: Script,
  databaseFile: string,
  env: Record<string, string>,
  cwd: string = root,
) {
  const [, ...words] = packageJson.scripts[script].split(' ');
  return {
    program: join(root, 'node_modules/.bin', runtime),
    words,
    options: {
      cwd,
      env: {
        PATH: process.env.PATH,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
        ...(databaseFile !== '' && { DATABASE_FILE: databaseFile }),
        ...env,
      },
    },
  };
}

/** Runs a script of package.json to its end. An empty `databaseFile` leaves DATABASE_FILE unset. */
export function runCommand(
  runtime: RuntimeName,
  script: Script,
  databaseFile: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd?: string,
): CommandEnd {
  const { program, words, options } = processOf(runtime, script, databaseFile, env, cwd);
  const { status, stdout, stderr } = spawnSync(program, [...words, ...args], {
    ...options,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<CommandEnd> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  return { code: code as number | null, ...said };
}

/** Runs `stampede` while this process keeps answering requests. */
export function runCommandBeside(
  runtime: RuntimeName,
  databaseFile: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<CommandEnd> {
  const { program, words, options } = processOf(runtime, 'stampede', databaseFile, env);
  return endOf(spawn(program, [...words, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] }));
}

/** Runs a command, sends the signal once `when` matches its output, and waits for the end. */
export async function interruptCommand(
  runtime: RuntimeName,
  databaseFile: string,
  args: readonly string[],
  signal: NodeJS.Signals,
  when: () => boolean,
): Promise<CommandEnd> {
  const { program, words, options } = processOf(runtime, 'stampede', databaseFile, {});
  const child = spawn(program, [...words, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const look = setInterval(() => {
    if (!when()) return;
    clearInterval(look);
    child.kill(signal);
  }, 1);
  const end = await endOf(child);
  clearInterval(look);
  return end;
}

/** Creates an operator; returns the token and the number. */
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
