/** Where several sockets can listen on one port, and how many threads do by themselves. */
import { expect, test } from 'vitest';
import { autoHttpThreads, canSharePort } from '../../../src/runtime/port.ts';

test.each([
  [{ node: '22.18.0' }, 'linux', true],
  [{ node: '23.0.1' }, 'linux', false],
  [{ node: '23.1.0' }, 'linux', true],
  [{ node: '24.21.0' }, 'linux', true],
  [{ node: '24.21.0' }, 'darwin', false],
  [{ node: '22.6.0', bun: '1.4.5' }, 'linux', true],
  [{ node: '22.6.0', bun: '1.4.5' }, 'win32', false],
])('%j on %s: %j', (versions, platform, expected) => {
  expect(canSharePort({ versions, platform })).toBe(expected);
});

test.each([
  [{ node: '24.21.0' }, 'linux', 3, 1],
  [{ node: '24.21.0' }, 'linux', 4, 2],
  [{ node: '24.21.0' }, 'linux', 64, 2],
  [{ node: '24.21.0' }, 'darwin', 64, 1],
  [{ node: '22.6.0', bun: '1.4.5' }, 'linux', 64, 1],
])('%j on %s with %i cores: HTTP_THREADS=auto is %i', (versions, platform, cores, expected) => {
  expect(autoHttpThreads({ versions, platform }, cores)).toBe(expected);
});
