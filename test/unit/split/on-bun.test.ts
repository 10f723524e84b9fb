/** The library on Bun: the same tests, run by Bun itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../support/server-process.ts';

const folder = 'test/unit/split';

test('the library works on Bun', async () => {
  const files = readdirSync(join(root, folder)).filter(
    (name) => name.endsWith('.test.ts') && name !== 'on-bun.test.ts',
  );
  const child = spawn(
    join(root, 'node_modules/.bin/bun'),
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'unit',
      ...files.map((name) => `${folder}/${name}`),
    ],
    { cwd: root, env: { ...process.env, MUST_RUN_ON: 'bun' } },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  const [code] = await once(child, 'exit');
  expect(code, output.slice(-3_000)).toBe(0);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of the report are written with them.
  expect(output.replaceAll(/\u001b\[[0-9;]*m/g, '')).toContain(`Test Files  ${files.length} passed`);
});
