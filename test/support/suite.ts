/** Tells the tests which suite runs: `quick` is `npm test`; everything else is the whole suite. */
const isQuick = process.env.TEST_SUITE === 'quick';

/** A size that the quick suite makes smaller. */
export const sized = <T>(whole: T, quick: T): T => (isQuick ? quick : whole);
