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

  it('on a slow disk answers a crowd before it gives up', async () => {
    expect((await overloadSlowDisk('node', seed)).violations).toEqual([]);
  });

  it('whose fsync fails ends, and its restart knows what was acknowledged', async () => {
    const failure = { kind: 'sync', at: 9, errno: 'EIO', forever: false } as const;
    expect((await failUnderLoad('node', failure, seed)).violations).toEqual([]);
  });

  it('whose file is removed ends, and no start makes a new one', async () => {
    expect((await loseFiles('node', 'the file is removed', seed)).violations).toEqual([]);
  });

  it('beside whose log an empty file is made ends, and leaves the log alone', async () => {
    expect(
      (await loseFiles('node', 'it is renamed, and an empty file made in its place', seed)).violations,
    ).toEqual([]);
  });
});
