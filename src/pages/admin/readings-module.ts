/** The readings as a module for browsers: the same methods that the server and the tests run. */
import { readings } from './readings.ts';
import { phaseNames } from './shown.ts';

// A method's source is self-contained: bundlers don't rename it, and every runtime strips its types
// first.
const methods = Object.values(readings).map(String).join(',\n');
export const readingsModule = `export const readings = {\n${methods}\n};
export const phaseNames = ${JSON.stringify(phaseNames)};
`;
