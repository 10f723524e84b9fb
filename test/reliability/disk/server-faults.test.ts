/** A real server on a full, slow, broken or missing disk; `npm run test:disk` tries more cases. */
import { describe, expect, it } from 'vitest';
import { mustSkipDisk } from './failing-disk.ts';
import { failUnderLoad, fillDisk, loseFiles, overloadSlowDisk, slowDown } from './server-faults.ts';

const seed = 3;

describe.skipIf(mustSkipDisk())('a server', () => {
  it('on a full disk refuses orders, serves reads, and sells again without a restart', async () => {
    expect((await fillDisk('node', seed)).violations).toEqual([]);
  });

  it('on a slow disk makes its commits larger', async () => {
    expect((await slowDown('node', seed)).violations).toEqual([]);
  });

  it('on a slow disk answers many clients before they time out', async () => {
    expect((await overloadSlowDisk('node', seed)).violations).toEqual([]);
  });

  it('whose fsync fails ends, and its restart has every acknowledged order', async () => {
    const failure = { kind: 'sync', at: 9, errno: 'EIO', forever: false } as const;
    expect((await failUnderLoad('node', failure, seed)).violations).toEqual([]);
  });

  it('whose file is removed ends, and no start creates a new one', async () => {
    expect((await loseFiles('node', 'the file is removed', seed)).violations).toEqual([]);
  });

  it('ends when an empty file replaces its database, and keeps the WAL', async () => {
    expect(
      (await loseFiles('node', 'it is renamed, and an empty file made in its place', seed)).violations,
    ).toEqual([]);
  });
});
