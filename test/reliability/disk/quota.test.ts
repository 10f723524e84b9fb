/** Backups and deletions treat a quota as a full disk; other failed writes stay disk errors. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FailingDisk, mustSkipDisk } from './failing-disk.ts';

const program = fileURLToPath(new URL('./quota.ts', import.meta.url));

// The shim does not see Bun's own writes, which count against the quota.
describe.skipIf(mustSkipDisk())('an exhausted quota', () => {
  test('counts as a full disk for backups and deletions', { timeout: 120_000 }, () => {
    const disk = new FailingDisk();
    onTestFinished(() => disk.remove());
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, disk.databaseFile, `${disk.files}/backups`, disk.control.file],
      { encoding: 'utf8', env: { ...process.env, ...disk.environment(), SQLITE_TMPDIR: disk.files } },
    );
    expect([status, stderr], stdout).toEqual([0, expect.not.stringContaining('Error')]);
    expect(stdout.trim().split('\n')).toEqual([
      'no room: no_space, 2 files',
      'half the room: no_space, 2 files',
      'room for all but a page: no_space, 2 files',
      'room for the copy, and not for its journal: no_space, 2 files',
      'the sum: no_space, 2 files',
      'a write that fails once: io, 2 files',
      'deletion, no room: no error, unfinished',
      'deletion, half the room: no error, unfinished',
      'deletion, a write that fails once: disk I/O error, unfinished',
      'deletion, room again: no error, finished',
    ]);
  });
});
