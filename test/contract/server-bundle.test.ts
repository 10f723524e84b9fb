/** A server starts from the bundle of exactly its sources, and otherwise from the sources. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundledStart } from '../../src/runtime/bundle.mjs';
import { scratchFolder } from '../support/scratch-folder.ts';
import { root } from '../support/server-process.ts';

/** A checkout whose bundle only says that it was started. */
function checkoutWithBundle(): string {
  const checkout = scratchFolder();
  for (const name of ['src', 'drizzle', 'package.json', 'package-lock.json']) {
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const program =
    "import { bundleFolder } from './src/runtime/bundle.mjs'; process.stdout.write(bundleFolder())";
  const folder = run(checkout, '--input-type=module', '-e', program);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'start.js'), "export const start = () => console.log('bundled');");
  return checkout;
}

/** Runs Node in a checkout, without any setting. */
const run = (checkout: string, ...args: string[]): string =>
  spawnSync(process.execPath, args, { cwd: checkout, encoding: 'utf8', env: {} }).stdout;

const start = (checkout: string, ...args: string[]): string => run(checkout, 'src/runtime/main.mjs', ...args);

test('every test of a server runs the bundle of these sources', () => {
  expect(bundledStart()).toContain('.bundle');
});

test('a changed source leaves the bundle unused', () => {
  const checkout = checkoutWithBundle();
  expect(start(checkout)).toBe('bundled\n');
  appendFileSync(join(checkout, 'src/limits.ts'), '\n');
  expect(start(checkout)).toContain('SECRET_KEY');
});

test('changed packages leave the bundle unused', () => {
  const checkout = checkoutWithBundle();
  appendFileSync(join(checkout, 'package-lock.json'), '\n');
  expect(start(checkout)).toContain('SECRET_KEY');
});
