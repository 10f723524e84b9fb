/** The space of the WAL's index is reserved before the first order, and its locks stay. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INDEX_BYTES } from '../../../src/split/limits.ts';
import { reserveIndex } from '../../../src/split/reserve-shm.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { patienceMs } from '../../support/patience.ts';
import { migratedFile, ScratchStore } from '../../support/scratch-store.ts';
import { root } from '../../support/server-process.ts';
import { openThreadedStore } from '../../support/threaded-store.ts';

const program = `
const Database = require('better-sqlite3');
const database = new Database(process.argv[1]);
console.log(database.prepare('select count(*) from orders').pluck().get());
database.close();`;

test('is as large as the longest WAL needs, without holes, also while another process has the file open', () => {
  using store = new ScratchStore();
  const { file } = store.settings;
  store.run(createDrop(), noon);
  expect(statSync(`${file}-shm`).size).toBeLessThan(INDEX_BYTES);
  expect(reserveIndex(store.writer, file)).toBe(true);
  const { size, blocks } = statSync(`${file}-shm`);
  expect(size).toBe(INDEX_BYTES);
  expect(blocks * 512).toBeGreaterThanOrEqual(INDEX_BYTES);
  store.run(placeHold('ann'), noon);
  // Without the lock it would take the index for a dead process's, and truncate it.
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program, file], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout.trim(), stderr).toBe('1');
  expect(statSync(`${file}-shm`).size).toBe(INDEX_BYTES);
  expect(store.rows('select id from orders')).toHaveLength(1);
  expect(reserveIndex(store.writer, file)).toBe(true);
});

test('is reserved once a store is open', async () => {
  const file = migratedFile();
  const store = await openThreadedStore(file);
  expect(statSync(`${file}-shm`).size).toBe(INDEX_BYTES);
  await store.close(patienceMs);
});
