/** Which runtimes can let several threads listen on one port. */
import { expect, test } from 'vitest';
import { canSharePort } from '../../src/runtime/http-server.ts';

test.each([
  [{ node: '22.18.0' }, false],
  [{ node: '23.0.1' }, false],
  [{ node: '23.1.0' }, true],
  [{ node: '24.21.0' }, true],
  [{ node: '22.6.0', bun: '1.4.5' }, true],
])('%j: %j', (versions, expected) => {
  expect(canSharePort(versions)).toBe(expected);
});
