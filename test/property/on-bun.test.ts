/** The properties on Bun: the same suite, run by Bun itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/server-process.ts';

/** Node searches far; this run tests the engine. FC_RUNS sets more. */
const searches = Number(process.env.FC_RUNS ?? 40);
const deadlineMs = 110_000 + searches * 1_000;

test('the properties of shop, batches and schedules hold on Bun', { timeout: deadlineMs }, async () => {
  const files = ['shop', 'batch', 'schedules'].map((name) => `test/property/${name}.test.ts`);
  const child = spawn(
    join(root, 'node_modules/.bin/bun'),
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...files],
    { cwd: root, env: { ...process.env, FC_RUNS: String(searches), MUST_RUN_ON: 'bun' } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const [code] = await once(child, 'exit');
  expect(code, output.slice(-3_000)).toBe(0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of the report are written with them.
  expect(output.replaceAll(/\u001b\[[0-9;]*m/g, '')).toContain('Test Files  3 passed');
});
