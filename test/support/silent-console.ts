/**
 * Runs before each test file: any console output, by this code or a library, fails the test that
 * caused it.
 */
import { afterAll, afterEach, expect } from 'vitest';

const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;
const said: string[] = [];

for (const method of methods) {
  console[method] = (...words: unknown[]) => {
    said.push(`console.${method}: ${words.map(String).join(' ')}`);
  };
}

const expectSilence = (): void => expect(said.splice(0)).toEqual([]);
afterEach(expectSilence);
// For output outside of a test: while a file loads, or in its last hook.
afterAll(expectSilence);
