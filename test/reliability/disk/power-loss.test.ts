/** A power failure loses no acknowledged order; `npm run test:disk` checks many more images. */
import { describe, expect, it } from 'vitest';
import { mustSkipDisk } from './failing-disk.ts';
import { loseThePower, scenarios } from './power-loss.ts';

const recordSeeds = [8, 12, 9];
const imageSeeds = Array.from({ length: 50 }, (_, index) => index);

describe.skipIf(mustSkipDisk())('a power failure', () => {
  it.each(scenarios)('$name', async (scenario) => {
    // Where an operation fails, the outcome depends on which one.
    for (const recordSeed of scenario.failure ? recordSeeds : recordSeeds.slice(0, 1)) {
      const report = await loseThePower(scenario, { recordSeed, imageSeeds });
      expect(report.violations).toEqual([]);
      expect(report.images).toBe(imageSeeds.length);
      // A record without orders would have nothing to lose.
      expect(report.marks).toBeGreaterThan(imageSeeds.length);
    }
  });
});
