/** The migrations match the schema: drizzle-kit finds no difference. */
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root } from '../../support/server-process.ts';

const run = promisify(execFile);

/** Runs drizzle-kit in a copy of drizzle/ with the schema changed by `edit`. */
async function generate(edit: (schema: string) => string): Promise<{ added: string[]; output: string }> {
  const folder = scratchFolder();
  cpSync(join(root, 'drizzle'), join(folder, 'drizzle'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const schema = join(folder, 'drizzle/schema.ts');
  writeFileSync(schema, edit(readFileSync(schema, 'utf8')));
  const listed = () => readdirSync(join(folder, 'drizzle/migrations'));
  const before = listed();
  const { stdout } = await run(
    process.execPath,
    [join(root, 'node_modules/drizzle-kit/bin.cjs'), 'generate', '--config', 'drizzle/config.ts'],
    { cwd: folder },
  );
  return { added: listed().filter((name) => !before.includes(name)), output: stdout };
}

test('the migrations produce the current schema', async () => {
  const { added, output } = await generate((schema) => schema);
  expect(output).toContain('nothing to migrate');
  expect(added).toEqual([]);
});

test('a column without a migration is detected', async () => {
  const { added } = await generate((schema) =>
    schema.replace("slug: text('slug')", "forgotten: text('forgotten'), slug: text('slug')"),
  );
  expect(added).toHaveLength(1);
});
