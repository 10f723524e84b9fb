/** A catalogue (D1) that does not answer delays no request of an object that imports a drop. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CATALOGUE_DELAY_MS } from '../../src/limits.ts';
import { root, startServer, testEnvironment } from '../support/server-process.ts';
import { Shop, sleep, until } from '../support/shop.ts';
import { useEdgeShop } from './worker-under-test.ts';

/** The file of a drop that a machine has exported. */
async function exportedDrop(): Promise<{ id: string; file: string }> {
  const machine = new Shop();
  machine.open(await startServer());
  const { id, slug } = await machine.createDrop();
  await machine.patchDrop(id, { paused: true });
  await machine.server.stop();
  const { stdout, stderr } = spawnSync('node', ['src/cli/main.ts', 'move', 'export', slug], {
    cwd: root,
    encoding: 'utf8',
    env: {
      PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
      DATABASE_FILE: machine.server.databaseFile,
      SECRET_KEY: testEnvironment.SECRET_KEY,
    },
  });
  expect(stderr).not.toContain('Error');
  return { id, file: stdout };
}

describe('an object whose catalogue does not answer', () => {
  const shop = useEdgeShop();
  afterEach(() => shop.fault({ catalogueIsSilent: false, batchesReceived: 0 }));

  test('answers while an imported drop is not in the catalogue yet', async () => {
    const { id, file } = await exportedDrop();
    const { answeredDuringImport: before } = await shop.fault({ catalogueIsSilent: true });
    const headers = { 'content-type': 'application/jsonl' };
    const importing = shop.admin({ method: 'POST', path: '/admin/import', headers, body: file });
    await until(
      async () => {
        const { status } = await shop.admin({ path: `/admin/drops/${id}/audit` });
        return { status, seen: (await shop.fault()).answeredDuringImport - before };
      },
      ({ status }) => status === 200,
    );
    const { answeredDuringImport } = await shop.fault({ catalogueIsSilent: false });
    expect((await importing).status).toBe(201);
    expect(answeredDuringImport).toBeGreaterThan(before);
  });

  test('reports an operator’s change before the answer, also during another report', async () => {
    const drop = await shop.createDrop();
    const title = `Renamed ${drop.slug}`;
    const { silencedBatches: before } = await shop.fault({ catalogueIsSilent: true });
    await shop.buy(drop.id);
    // The object has started to report the purchase.
    await until(
      () => shop.fault(),
      ({ silencedBatches }) => silencedBatches > before,
    );
    let isAnswered = false;
    const renaming = shop.patchDrop(drop.id, { title }).finally(() => {
      isAnswered = true;
    });
    await sleep(CATALOGUE_DELAY_MS);
    // The customer and the units of the purchase, and then nothing more.
    await shop.fault({ batchesReceived: 2 });
    await sleep(4 * CATALOGUE_DELAY_MS);
    expect(isAnswered).toBe(false);
    await shop.fault({ catalogueIsSilent: false, batchesReceived: 0 });
    await renaming;
    const reported = await shop.catalogue<{ title: string }>(
      'select title from drops where slug = ?',
      drop.slug,
    );
    expect(reported).toEqual([{ title }]);
  });
});
