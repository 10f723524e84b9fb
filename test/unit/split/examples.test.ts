/** The examples of docs/split.md run, and the change from Drizzle's driver is as documented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { createApp as createAfter } from '../../../docs/examples/split/after.ts';
import { createApp as createShop } from '../../../docs/examples/split/app.ts';
import { createApp as createBefore } from '../../../docs/examples/split/before.ts';
import { root } from '../../support/server-process.ts';
import { newFile } from './split-under-test.ts';

/** Lists the items, and buys more of the first than there are. */
async function play(app: Hono): Promise<unknown[]> {
  const buys = Array.from({ length: 7 }, () => app.request('/items/1/buy', { method: 'POST' }));
  const statuses = (await Promise.all(buys)).map(({ status }) => status);
  return [...statuses.toSorted(), await (await app.request('/items')).json()];
}
const played = [200, 200, 200, 200, 200, 409, 409, [{ id: 1, name: 'Sneaker', stock: 0 }]];

describe('the examples', () => {
  test('answer the same before and after', async () => {
    const before = await createBefore(newFile());
    expect(await play(before.app)).toEqual(played);
    const after = await createAfter(newFile());
    expect(await play(after.app)).toEqual(played);
    await after.db.close();
  });

  test('differ in the line that opens the database, and in its import', () => {
    const linesOf = (name: string) =>
      readFileSync(join(root, 'docs/examples/split', name), 'utf8')
        .split('\n')
        .slice(1);
    const [before, after] = [linesOf('before.ts'), linesOf('after.ts')];
    const onlyIn = (lines: string[], others: string[]) => lines.filter((line) => !others.includes(line));
    expect(onlyIn(after, before)).toEqual([
      expect.stringMatching(/^import \{ openSplit \}/),
      '  const db = await openSplit({ file, schema });',
    ]);
    expect(onlyIn(before, after)).toHaveLength(3);
  });

  test('sell through a command', async () => {
    const { app, db } = await createShop(newFile());
    expect(await play(app)).toEqual(played);
    await db.close();
  });

  test('match the document', () => {
    const text = readFileSync(join(root, 'docs/split.md'), 'utf8');
    for (const name of ['app.ts', 'commands.ts', 'schema.ts']) {
      const file = readFileSync(join(root, 'docs/examples/split', name), 'utf8')
        .replaceAll("'../../../src/split/open-split.ts'", "'stampede/split'")
        .trimEnd();
      expect(text).toContain(file);
    }
  });
});
