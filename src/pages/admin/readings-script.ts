/** The readings as the browser gets them: the very methods that the server and the tests run. */
import { readings } from './readings.ts';

// A method's source is its own definition, and none of its names are a bundler's to change; without types on every runtime.
export const readingsScript = `const readings = {\n${Object.values(readings).map(String).join(',\n')}\n};`;
