/** Runs before each test file: fails a suite that runs on another runtime than intended. */
const { MUST_RUN_ON } = process.env;
const runsOn = process.versions.bun === undefined ? 'node' : 'bun';
if (MUST_RUN_ON !== undefined && MUST_RUN_ON !== runsOn) {
  throw new Error(`These tests are meant for ${MUST_RUN_ON} and run on ${runsOn}.`);
}
