/** The readings as browser source: the same methods that the server and the tests run. */
import { readings } from './readings.ts';

// A method's source is self-contained: bundlers don't rename it, and every runtime strips its types
// first.
export const readingsScript = `const readings = {\n${Object.values(readings).map(String).join(',\n')}\n};`;
