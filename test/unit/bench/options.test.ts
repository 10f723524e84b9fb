/** The command line of a load run. */
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../bench/load/options.ts';

describe('parseOptions', () => {
  test('defaults to the seed profile on Node', () => {
    expect(parseOptions([])).toMatchObject({
      runtime: 'node',
      profile: { name: 'seed', ratePerSecond: 10_000, seconds: 30, readShare: 0.6 },
    });
  });

  test('changes the profile by options', () => {
    const args = '--rate 500 --seconds 5 --read-share 0 --connections 64 --runtime bun --json out.json'.split(
      ' ',
    );
    expect(parseOptions(args)).toMatchObject({
      runtime: 'bun',
      jsonFile: 'out.json',
      profile: { ratePerSecond: 500, seconds: 5, readShare: 0, connections: 64 },
    });
  });

  test("passes settings to the server's environment", () => {
    const args = ['--env', 'HTTP_THREADS=2', '--env', 'PUBLIC_URL=http://a.example?b=c'];
    expect(parseOptions(args).env).toEqual({ HTTP_THREADS: '2', PUBLIC_URL: 'http://a.example?b=c' });
  });

  test.each([
    ['--env', 'HTTP_THREADS'],
    ['--env', '=2'],
    ['--rate', '0'],
    ['--rate', 'fast'],
    ['--seconds', ''],
    ['--read-share', '60'],
    ['--connections', '10001'],
    ['--runtime', 'deno'],
    ['--profile', 'none'],
    ['--unknown', '1'],
  ])('refuses %s %j', (name, value) => {
    expect(() => parseOptions([name, value])).toThrow(Error);
  });
});
