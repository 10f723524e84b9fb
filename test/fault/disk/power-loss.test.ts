/** A power failure at any moment loses nothing that was acknowledged; `npm run test:disk` makes many more images. */
import { describe, expect, it } from 'vitest';
import { mustSkipDisk } from './failing-disk.ts';
import { loseThePower, scenarios } from './power-loss.ts';

const recordSeeds = [8, 12, 9];
const imageSeeds = Array.from({ length: 50 }, (_, index) => index);

describe.skipIf(mustSkipDisk())('a power failure', () => {
  it.each(scenarios)('$name', async (scenario) => {
    // Where an operation has to fail, much depends on which.
    for (const recordSeed of scenario.failure ? recordSeeds : recordSeeds.slice(0, 1)) {
      const report = await loseThePower(scenario, { recordSeed, imageSeeds });
      expect(report.violations).toEqual([]);
      expect(report.images).toBe(imageSeeds.length);
      // A record of nobody's orders would have nothing to lose.
      expect(report.marks).toBeGreaterThan(imageSeeds.length);
    }
  });
});
