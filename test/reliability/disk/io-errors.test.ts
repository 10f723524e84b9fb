/** Every operation of a writer fails once: acknowledged orders stay, no order is duplicated. */
import { describe, expect, it } from 'vitest';
import { mustSkipDisk } from './failing-disk.ts';
import { failEachOperation } from './io-errors.ts';

describe.skipIf(mustSkipDisk())('a disk failure', () => {
  it('at each operation of a writer', async () => {
    const { violations } = await failEachOperation('writer', 1);
    expect(violations).toEqual([]);
  });

  it('at an fsync, under a whole store', async () => {
    const { violations } = await failEachOperation('store', 2, [
      { kind: 'sync', errno: 'EIO', forever: false },
    ]);
    expect(violations).toEqual([]);
  });

  it('for lack of space, under a whole store', async () => {
    const kinds = [{ kind: 'write', errno: 'ENOSPC', forever: true }] as const;
    const { violations } = await failEachOperation('store', 40, kinds);
    expect(violations).toEqual([]);
  });
});
