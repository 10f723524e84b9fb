/** A full disk when the log's index must grow: its space is already reserved, and orders go on. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { machines } from '../../support/contract-server.ts';
import { FailingDisk, mustSkipDisk } from './failing-disk.ts';

const program = fileURLToPath(new URL('./full-shm.ts', import.meta.url));
const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url));

describe.skipIf(mustSkipDisk()).each(machines)(
  'a WAL that outgrows its index on a full disk on %s',
  (runtime) => {
    test('does not stop sales', { timeout: 120_000 }, () => {
      const disk = new FailingDisk();
      onTestFinished(() => disk.remove());
      const { status, stdout, stderr } = spawnSync(
        `${bin}/${runtime}`,
        [program, disk.databaseFile, disk.control.file],
        { encoding: 'utf8', env: { ...process.env, ...disk.environment() } },
      );
      expect([status, stderr], stdout).toEqual([0, expect.not.stringContaining('Error')]);
      expect(stdout).toMatch(/^sold \d{3,}/);
    });
  },
);
