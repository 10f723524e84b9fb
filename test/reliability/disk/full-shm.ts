/**
 * Fills a log beyond the first part of its index, on a disk with space for its pages but not for
 * the index.
 */
import { statSync } from 'node:fs';
import { commitShopCommands } from '../../../src/database/sqlite/shop-commands.ts';
import { DiskFullError } from '../../../src/split/disk-full.ts';
import { reserveIndex } from '../../../src/split/reserve-shm.ts';
import { createDrop, noon, placeHold } from '../../support/commands.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import { settingsFor } from '../../support/scratch-store.ts';
import { DiskControl } from './control.ts';

const FRAME_BYTES = 4_096 + 24;
/** Frames in the first part of the index; each further part has 4,096. */
const FIRST_FRAMES = 4_062;
const PART_BYTES = 32_768;
const [file = '', controlFile = ''] = process.argv.slice(2);

const connection = openShopFile(settingsFor(file));
const committer = commitShopCommands(connection);
const control = new DiskControl(controlFile, { isThere: true });
control.arm({ kind: 'write', at: 1, errno: 'EDQUOT', forever: true });
// The shim does not see Bun's own writes.
if (!process.versions.bun && reserveIndex(connection, file))
  throw new Error('A quota that is used up counts as room.');
control.disarm();
if (!reserveIndex(connection, file)) throw new Error('There was no room from the start.');
committer.commit([createDrop({ items: [{ sku: 'one', name: 'One', price: 100, stock: 100_000 }] })], noon);
const framesOf = (): number => Math.floor(statSync(`${file}-wal`).size / FRAME_BYTES);
let buyer = 0;
let room = PART_BYTES;
while (framesOf() < FIRST_FRAMES + 200) {
  control.limitRoom(room);
  const before = framesOf();
  try {
    const { outcomes } = committer.commit([placeHold(`buyer-${buyer}`)], noon);
    if (outcomes[0]?.kind !== 'held') throw new Error(`It was answered ${outcomes[0]?.kind}.`);
    buyer += 1;
    // The space left after the next commit is smaller than the next part of the index.
    room = (framesOf() - before) * FRAME_BYTES + PART_BYTES / 2;
  } catch (error) {
    if (!(error instanceof DiskFullError)) throw error;
    room += PART_BYTES / 8;
  }
}
control.limitRoom(null);
process.stdout.write(`sold ${buyer}\n`);
